"""Outbound calls within a deadline: sockets, HTTP, breaker, cache, bulkhead, rate.

Knows no outside system by name.
"""
