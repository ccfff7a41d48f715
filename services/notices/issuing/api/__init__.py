"""Routes of issuing."""
