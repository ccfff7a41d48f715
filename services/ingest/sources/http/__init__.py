"""HTTP to portals: where a source may be, how often and how long it is asked, with whose password."""
