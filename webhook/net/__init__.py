"""Outbound calls within a deadline: sockets, HTTP, breaker, cache, bulkhead, rate.

Every package may import it. It imports only `webhook.observe`, and it names no service that is called.
"""
