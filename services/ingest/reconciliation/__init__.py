"""Reconciliation: a source's own totals against ours, and the dossiers that differ."""
