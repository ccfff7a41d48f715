"""Polling: the cache of responses, and what this process knows of the provinces' positions."""
