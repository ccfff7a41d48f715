"""Routes of sources and of their kinds."""
