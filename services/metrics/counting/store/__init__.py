"""Statements that count: what a version contributes, a batch of them, and cells counted anew."""
