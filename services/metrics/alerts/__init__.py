"""Alerts: thresholds that are watched, and when they were crossed."""
