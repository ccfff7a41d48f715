"""Checks: whether a source can be read as it is set, tried by the worker for whoever asks at the API."""
