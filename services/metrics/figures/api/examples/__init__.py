"""Examples of answers for OpenAPI: what a reader of the documentation sees, with its nulls."""
