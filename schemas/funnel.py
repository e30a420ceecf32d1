"""How far conversations come on the way to a sale."""

from enum import StrEnum


class FunnelStep(StrEnum):
    """How far a conversation came on a day: columns of `demand_open`, and values in `demand_steps`."""

    PLACE = "place_known"
    VIABLE = "viable"
    RESERVED = "reserved"
    PROSPECT = "prospect"
    HANDED_OVER = "handed_over"
