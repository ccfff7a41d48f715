"""Counting: the feed is followed, and each batch of versions changes the counters exactly once."""
