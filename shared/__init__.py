"""What the three services must agree on; it knows none of them."""
