"""Watching: server-sent events that tell clients when to ask again."""
