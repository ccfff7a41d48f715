"""The contracts between the services and with their clients: the types of the JSON that they exchange, and nothing else."""
