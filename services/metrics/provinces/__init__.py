"""Provinces: how far each is counted, of which feed, and how complete its figures are."""
