"""Revisions of a notice: what a person edits over the draft, drafts on new figures with these edits, and what differs."""
