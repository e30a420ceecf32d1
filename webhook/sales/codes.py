"""Codes that stay the same however often a flow repeats a call."""

import hashlib

from schemas.point import Point


def mark(installation: str) -> str:
    """In the observation of every record that we make: with exactly our code it says whose the record is.

    That of older versions, `[ozmap-chatbot-webhook]`, says nothing: every installation wrote the same.
    """
    return f"[webhook {installation}]"


def is_of_our_making(code: str, prefix: str) -> bool:
    """Whether a client code is one that we make, and none that a flow may name."""
    return code.casefold().startswith(f"{prefix}-".casefold())


def place_suffix(point: Point) -> str:
    """Of a prospect's code: places that agree in four decimals (11 m) are one."""
    place = f"{point.lat:.4f},{point.lng:.4f}"
    return f"-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
