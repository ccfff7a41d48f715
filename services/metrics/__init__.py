"""Folds the feed into daily counters per agency and computes every KPI, now or as it was known."""
