"""The kinds of sources: one module or folder each, and the list of them in `services.ingest.sources`."""
