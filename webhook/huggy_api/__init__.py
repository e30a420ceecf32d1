"""Huggy's API v3: telling a chat something that nobody asked for just now. Only the worker calls it."""
