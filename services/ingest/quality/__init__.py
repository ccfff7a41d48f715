"""Quality: what the figures of a province are known to lack, from quarantine, pulls and reconciliations."""
