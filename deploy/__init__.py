"""What surrounds the services: the local stack, the stand-in portal, the demonstration."""
