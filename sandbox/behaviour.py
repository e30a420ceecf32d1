"""What nobody outside OZmap knows about it, as settings of the stand-in."""

from dataclasses import dataclass
from typing import Any


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
    duplicate_codes: bool = False  # a second client with a code that is in use is made, not refused
    code_filter_ignored: bool = False  # lists take a filter on `code` and go by the others alone
    codes_without_case: bool = False  # `abc` finds what has the code `AbC`
    connects_after: float = 0.0  # seconds until a new property shows its connection
    full_box_sells: bool = False  # a new property for a full box is made, without connection, not refused

    def change(self, **values: Any) -> None:
        """Sets fields by name. Raises ValueError, and then none is set, for one that means nothing."""
        for name, value in values.items():
            if name not in vars(self):
                raise ValueError(f"{name} is none of {', '.join(vars(self))}")
            if not _fits(value, getattr(Behaviour, name)):
                raise ValueError(f"{name}: {value!r} means nothing")
        vars(self).update(values)


def _fits(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    return (isinstance(value, int | float) and value >= 0) or (value is None and default is None)
