"""Dossiers: events are folded into one state, dated by law, and published as versions."""
