"""Routes of audits."""
