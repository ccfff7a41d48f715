"""Verifying files: whether we issued them, whether they were changed, whether they are in force."""
