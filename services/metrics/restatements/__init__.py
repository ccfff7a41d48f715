"""Restatements: what changed between two positions, figure by figure and dossier by dossier."""
