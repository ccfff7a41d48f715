"""Province status: how each province stands, as operators see it; and resync, which counts one from the beginning."""
