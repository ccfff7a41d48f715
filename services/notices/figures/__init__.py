"""Figures of a notice: pinned at a position of metrics, derived from one another, with the caveats that a reader needs."""
