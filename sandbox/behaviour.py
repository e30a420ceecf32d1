"""How the stand-in behaves where OZmap's documentation says nothing, or one OZmap differs from another.

Each field ends with where its default comes from: *seen* in real answers, *documented*, *field use* (what
programs of others expect), or *unknown*. docs/sandbox.md has them as a table.
"""

from dataclasses import dataclass
from random import Random
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

NoneSpelled = Literal["[]", "null", "empty", "204", "{}", '{"rows": []}', "404"]


@dataclass
class Behaviour:
    """Change a field at any time: the next call goes by it.

    Times are drawn by the seed: two numbers are the least and the most, one or more than two are drawn from,
    none is at once.
    """

    radius_m: float = 300.0
    """Metres that `ftth-viability/radius` searches when the call names none. Unknown."""
    radius_boxes: int | None = None
    """At most so many boxes there, the closest; null is all. Unknown."""
    viable_without_boxes: bool = False
    """`ftth-viability/radius` says `viable: true` with no box (vertical buildings). Field use."""
    property_ports_free: bool = False
    """A port of a property without client counts as free. Documented."""
    blocked_ports_free: bool = False
    """A blocked port counts as free. Documented."""
    page_size: int = 100
    """Rows of a list when the call has no `limit`; `limit=0` is all. Unknown."""
    max_page_size: int | None = None
    """A larger `limit` is cut to this; null takes any. Seen."""
    older_lists: bool = False
    """Lists have neither `hasNextPage` nor `nextUrl`. Documented."""
    duplicate_codes: bool = False
    """A second client with a code in use is made, not refused. Seen."""
    code_filter_ignored: bool = False
    """Every list takes a filter on `code` and goes by the others alone. Unknown."""
    codes_without_case: bool = False
    """`abc` finds what has the code `AbC`. Unknown."""
    none_spelled: NoneSpelled = "[]"
    """What `properties/client/{code}` answers when there is none. Field use."""
    connections_in_client_rows: bool = False
    """Rows of `properties/client/{code}` have `connections[{name, port}]`. Field use."""
    connects_after: float = 0.0
    """Seconds until a new property shows its connection. Unknown."""
    full_box_sells: bool = False
    """A property for a full box is made, without connection, not refused. Unknown."""
    client_outlives_property: bool = False
    """A client stays when its property is deleted. Documented."""
    property_fails_after_client: float = 0
    """From 1: so many next sales make their client and fail on the property; below 1: this share. Unknown."""
    properties_refused: str = ""
    """Every new property is refused with this text, such as a contracted limit's. Unknown."""
    boxes_that_refuse: tuple[str, ...] = ()
    """Boxes, by id or name, that refuse each property without naming its code. Unknown."""
    codes_that_refuse: tuple[str, ...] = ()
    """Codes of clients and prospects that are refused as in use. Unknown."""
    refusal_status: int = 400
    """Status of a refusal (not of 401 and 404). Unknown."""
    refusal_object: bool = False
    """A refusal is `{"message": text}`, not the bare JSON string. Seen."""
    post_seconds: tuple[float, ...] = ()
    """Seconds of a sale with a box: client at once, property at the end. Seen: 2.2 to 3.7."""
    read_seconds: tuple[float, ...] = ()
    """Seconds of a GET. Unknown."""
    box_name_end: str = ""
    """Stands at the end of every box's name: half an emoji, a NUL. Unknown."""
    ports_as_text: bool = False
    """`port` of a connection is a text. Unknown."""
    null_connections: bool = False
    """`connections` is null where there is none. Unknown."""
    null_implanted: bool = False
    """`implanted` is null where it is false. Unknown."""

    def change(self, **values: Any) -> None:
        """Sets fields by name. Raises ValueError, and then none is set, for one that means nothing."""
        kinds = get_type_hints(Behaviour)
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"{name} is none of {', '.join(kinds)}")
            if not _fits(value, kinds[name]):
                raise ValueError(f"{name}: {value!r} means nothing")
        vars(self).update(
            {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        )


def drawn(seconds: tuple[float, ...], chance: Random) -> float:
    """One time of `post_seconds` or `read_seconds`."""
    if len(seconds) == 2:
        return chance.uniform(*seconds)
    return chance.choice(seconds) if seconds else 0.0


def _fits(value: object, kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is Literal:
        return value in get_args(kind)
    if origin is UnionType:
        return any(_fits(value, one) for one in get_args(kind))
    if origin is tuple:
        return isinstance(value, list | tuple) and all(_fits(one, get_args(kind)[0]) for one in value)
    if kind in {int, float}:
        number = isinstance(value, int) or (kind is float and isinstance(value, float))
        return number and not isinstance(value, bool) and value >= 0  # type: ignore[operator]
    return isinstance(value, kind)
