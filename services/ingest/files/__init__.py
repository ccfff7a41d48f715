"""Files read in a child process: bytes come, rows go.

This package imports little, for it is imported anew for each file, and knows no source: what a row says is decided by the
parent (`services.ingest.sources.kinds.files`). `rows` are lists of dossiers, `grids` tables of the catalogue, `workbooks` the
spreadsheets of both; `messages` is what crosses from the child to its parent.
"""
