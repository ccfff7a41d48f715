"""Routes of decisions on notices."""
