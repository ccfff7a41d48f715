"""Drafting: notices are ordered, drafted by a worker, and read."""
