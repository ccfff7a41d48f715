"""Replays: quarantined records are read again when a rule, a mapping or the record has changed."""
