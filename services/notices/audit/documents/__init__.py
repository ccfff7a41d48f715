"""Documents to be audited: each format is read into paragraphs and tables whose text keeps its place."""
