"""Tells customers in their chat what they are waiting for. `sales`, `web` and the worker may import it."""
