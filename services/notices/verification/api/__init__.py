"""Routes of verification."""
