"""Recommendations of issued notices: agencies answer, the issuer judges, and the next inspection follows up."""
