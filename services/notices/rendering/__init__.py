"""Draws the tree of a notice: PDF, DOCX and the annexes in XLSX. The same tree gives the same bytes, always."""
