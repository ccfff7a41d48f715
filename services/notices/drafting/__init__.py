"""Drafting: notices are ordered, made by a worker, and read."""
