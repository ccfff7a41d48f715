"""What the worker, which alone has the passwords, asks a source while somebody waits at the API."""
