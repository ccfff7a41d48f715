"""Composition: an inspection and its figures become the sections of a conclusion."""
