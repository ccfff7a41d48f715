"""Evidence: what the team of an inspection established, item by item and agency by agency."""
