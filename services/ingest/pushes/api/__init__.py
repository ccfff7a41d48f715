"""Routes for senders: our own shape, and the national format."""
