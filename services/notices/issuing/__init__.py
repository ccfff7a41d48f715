"""Issuing notices: numbers, dates, signatures, and what is never changed afterwards."""
