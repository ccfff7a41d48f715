"""Polling: responses cached while a province stands still, and what this process knows of the provinces' positions."""
