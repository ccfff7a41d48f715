"""Offers: a source's own catalogue of procedures, which the API asks for and the worker reads."""
