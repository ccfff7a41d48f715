"""The three services of motcua. They never import one another: they meet over REST and notifications through Redis."""
