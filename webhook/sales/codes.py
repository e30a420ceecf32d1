"""Codes that stay the same however often a flow repeats a call."""

import hashlib

from schemas.point import Point

MARK = "[ozmap-chatbot-webhook]"
"""In the observation of every property of ours. Without it a property is somebody else's."""


def prospect_code(code: str, point: Point) -> str:
    """One prospect per conversation and place: places that agree in four decimals (11 m) are one."""
    place = f"{point.lat:.4f},{point.lng:.4f}"
    return f"{code}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
