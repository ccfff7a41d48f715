"""The tables of the three services, one line of versions each: `python -m migrations` brings all of them up to date."""
