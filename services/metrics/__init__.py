"""Folds the feed into daily counters per agency and answers every KPI, now or as it was known."""
