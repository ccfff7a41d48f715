"""Files read in a child process: bytes come, rows go.

This package imports little, for it is imported anew for each file, and knows no source: what a row says is decided by the
parent (`services.ingest.sources.kinds.files`). `rows` reads lists of dossiers and `tables` those of the catalogue, by the
same parts; `messages` is what crosses from the child to its parent.

| module | what it does |
|---|---|
| `rows`, `tables`, `spreadsheets` | what the child runs for lists and for the catalogue; how the parent asks for the latter |
| `texts`, `delimited`, `json_lines`, `workbooks`, `markup` | containers: bytes to lines, sheets or tables |
| `encodings`, `lines`, `grids`, `headings` | pure: letters, cells, and which column is which field |
| `classification`, `mapped`, `tally`, `refusals` | pure: what a row is, what of it goes on, what is counted, what is said |
"""
