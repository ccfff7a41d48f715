"""Quantities: how numbers, rates and days are written in Vietnamese administrative prose."""
