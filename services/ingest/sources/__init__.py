"""Sources: what a province's dossiers come from, how each kind of it is read, and which sources are connected.

`kinds/` has a module for each kind of source and `KINDS`, the list of them; `model.py` says what a kind is. `fields/` reads
single fields of foreign records (codes, dates, names), `http/` makes the calls to portals. `reader.py` reads one pulled source,
`decoding.py` single records that were sent.
"""
