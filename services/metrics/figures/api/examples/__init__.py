"""Examples of responses for OpenAPI: what a reader of the documentation sees, with its nulls."""
