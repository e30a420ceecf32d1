"""Shapes: what comes in from flows and from OZmap, what goes out to flows, and settings files."""
