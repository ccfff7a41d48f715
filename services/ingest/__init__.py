"""Turns whatever the portals say into one true state per dossier, and publishes every version of it in a feed."""
