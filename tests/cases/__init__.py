"""Forms seen in the field, played over HTTP against the whole service."""
