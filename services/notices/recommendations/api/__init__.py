"""Routes of recommendations."""
