"""Polling: answers that are asked for again and again, and the stream of events that says when to ask."""
