"""Dossiers: events are folded into one state, dated by the ruleset, and published as versions."""
