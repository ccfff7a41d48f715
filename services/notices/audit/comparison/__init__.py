"""The figures of a notice compared with ours: which KPI each is, of which agency, and what metrics counts for it."""
