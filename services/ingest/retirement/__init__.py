"""Retirement: sources and provinces of which nothing comes any more, and deleting those of which nothing ever came."""
