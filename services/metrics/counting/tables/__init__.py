"""Dossier versions and the counters that are made of them."""
