"""Indices: the index of decision 766 and the criteria of circular 01/2018."""
