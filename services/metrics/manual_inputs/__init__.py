"""Manual inputs: what people enter because no portal counts it."""
