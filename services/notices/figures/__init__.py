"""Figures of a notice: pinned at a position of metrics, derived from one another, with what a reader must be told."""
