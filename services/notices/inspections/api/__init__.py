"""Routes of inspections."""
