"""Pulls: a source is read from where it was left to where it ends, batch by batch."""
