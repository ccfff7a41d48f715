"""Monitoring: what the API process watches by itself: gauges, the probe of ingest, alerts of incomplete responses."""
