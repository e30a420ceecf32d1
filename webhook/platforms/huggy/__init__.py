"""Huggy: what it is as a platform, and its API v3. Nothing else knows of that API."""
