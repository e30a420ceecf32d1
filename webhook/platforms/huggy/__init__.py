"""Huggy: what it is as a platform, and the only code that knows its API v3."""
