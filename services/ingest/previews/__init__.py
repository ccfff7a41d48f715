"""Previews: what a change of the catalogue would do to the dossiers, worked out before it applies."""
