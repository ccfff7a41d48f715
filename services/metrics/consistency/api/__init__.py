"""Routes of provinces, the consistency check, alerts and manual inputs."""
