"""Tables and every SQL statement of metrics, one module per group of tables."""
