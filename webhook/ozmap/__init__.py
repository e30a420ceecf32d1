"""OZmap, the outside system: its HTTP client, a function per call, and what can go wrong."""
