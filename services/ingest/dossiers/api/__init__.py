"""Routes of dossiers."""
