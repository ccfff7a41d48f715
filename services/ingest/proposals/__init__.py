"""Proposals: agencies and procedures that dossiers name and the catalogue lacks, as rows to look through and hand in."""
