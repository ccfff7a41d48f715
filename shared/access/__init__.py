"""Access: keys with scopes, and who may do what at a service.

`python -m shared.access --service ingest --name portal --scopes events:write --days 365` makes a key and prints it once.
"""
