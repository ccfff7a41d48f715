"""Routes of figures."""
