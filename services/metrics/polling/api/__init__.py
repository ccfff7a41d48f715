"""What the API process keeps and does by itself, so that polled answers cost little and are never older than known."""
