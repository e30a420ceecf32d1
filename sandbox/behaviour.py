"""What nobody outside OZmap knows about it, as settings of the stand-in."""

from dataclasses import dataclass


@dataclass
class Behaviour:
    """Change a field at any time: the next call goes by it."""

    radius_m: float = 300.0  # search radius of ftth-viability/radius when the call names none
    radius_boxes: int | None = None  # at most so many boxes there, the closest; None = all
    property_ports_free: bool = False  # a port of a property without client counts as free
    blocked_ports_free: bool = False
    page_size: int = 100  # rows when the call has no limit
    max_page_size: int | None = None  # a larger limit is cut to this; None = any limit holds
    older_lists: bool = False  # list answers without hasNextPage and nextUrl
