"""The demonstration: the whole journey over REST, from a portal to the conclusion, with every figure compared."""
