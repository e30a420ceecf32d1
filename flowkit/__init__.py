"""Tools for flow authors: build guides, written conversations, simulator. webhook must not import it."""
