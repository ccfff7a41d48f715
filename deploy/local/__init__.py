"""The whole stack on one machine, without Docker, apt or root."""
