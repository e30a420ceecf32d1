"""Filters of OZmap lists: `[{"property", "operator", "value"}, ...]`, all of which must hold.

Pure: nothing here knows where records are kept.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from sandbox.records import Record, RefusedError, point_of
from schemas.point import Point, distance_m

Rings = list[list[list[float]]]  # a GeoJSON Polygon's coordinates: the outline, then its holes
ANY_CASE = "= in any case"  # no operator that a client can name
Area = Callable[[str, str], Rings]  # (model, id) -> the outline of that project or community


@dataclass(frozen=True)
class Near:
    point: Point
    radius_m: float | None


@dataclass(frozen=True)
class Filter:
    """One parsed condition. `value` fits the operator: text for `like`, a Near for `near`, ..."""

    property: str
    operator: str
    value: Any

    def without_case(self) -> "Filter":
        """The same for text in any case, where this one compares for equality."""
        if self.operator != "=" or not isinstance(self.value, str):
            return self
        return replace(self, operator=ANY_CASE, value=self.value.casefold())

    def holds(self, record: Record) -> bool:
        if self.operator == "near":
            return is_near(record, self.value)
        if self.operator == "within":
            point = point_of(record)
            return point is not None and inside(point, self.value)
        if self.operator == "point-intersect":
            area = record.get(self.property)
            return isinstance(area, dict) and inside(self.value, area.get("coordinates", []))
        leaves = values_at(record, self.property.split("."))
        return TESTS[self.operator](leaves or [None], self.value)


def parse_filters(raw: object, area: Area) -> list[Filter]:
    """Raises RefusedError, with what is wrong, for anything but a flat list of known filters."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise RefusedError("filter: a list of filters is expected")
    return [_parse_one(item, area) for item in raw]


def _parse_one(item: object, area: Area) -> Filter:
    if isinstance(item, list):
        raise RefusedError("filter: a list inside the list (nested filters) is not supported")
    if not isinstance(item, dict):
        raise RefusedError('filter: each filter is {"property", "operator", "value"}')
    name, sign = item.get("property"), item.get("operator")
    if not isinstance(name, str) or not name.strip():
        raise RefusedError("filter: property is missing")
    sign = {"eq": "="}.get(sign, sign) if isinstance(sign, str) else None
    if sign not in VALUES:
        raise RefusedError(f"filter: unknown operator {item.get('operator')!r}")
    if "value" not in item and sign != "exists":
        raise RefusedError(f"filter: value is missing for {name}")
    name = "id" if name.strip() == "_id" else name.strip()
    if sign in {"near", "within"} and name != "coords":
        raise RefusedError(f"filter: {sign} works on coords, not on {name}")
    try:
        return Filter(name, sign, VALUES[sign](item.get("value", True), area))
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise RefusedError(f"filter: the value for {name} {sign} cannot be used") from error


def values_at(value: object, path: Sequence[str]) -> list[Any]:
    """Every value at a dotted path; a list on the way stands for its items, a record for its id."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in values_at(item, path)]
    if isinstance(value, dict):
        if path:
            return values_at(value[path[0]], path[1:]) if path[0] in value else []
        return [value.get("id", dict)]  # an object without id is no value, but it is there
    return [] if path else [_token(value)]


def is_near(record: Record, near: Near) -> bool:
    point = point_of(record)
    if point is None:
        return False
    return near.radius_m is None or distance_m(point, near.point) <= near.radius_m


def inside(point: Point, rings: Rings) -> bool:
    """Whether a point is in a polygon and in none of its holes."""
    return bool(rings) and _in_ring(point, rings[0]) and not any(_in_ring(point, hole) for hole in rings[1:])


def _in_ring(point: Point, ring: list[list[float]]) -> bool:
    crossings = 0
    for (lng_a, lat_a), (lng_b, lat_b) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (lat_a > point.lat) != (lat_b > point.lat):
            lng = lng_a + (point.lat - lat_a) / (lat_b - lat_a) * (lng_b - lng_a)
            crossings += point.lng < lng
    return crossings % 2 == 1


def read_point(value: Any) -> Point:
    """A point in any of the four documented forms, numbers or numeric text."""
    for first, second in (("lat", "lng"), ("latitude", "longitude")):
        if first in value:
            return _point(value[first], value[second])
    lng, lat = value["coords"] if "coords" in value else value["coordinates"]
    return _point(lat, lng)


def _point(lat: Any, lng: Any) -> Point:
    point = Point(float(lat), float(lng))
    if not (-90 <= point.lat <= 90 and -180 <= point.lng <= 180):
        raise ValueError(f"not on the earth: {point}")
    return point


def _near(value: Any, _: Area) -> Near:
    radius = value.get("radius")
    metres = None if radius is None else float(radius)
    if metres is not None and not (isfinite(metres) and metres >= 0):
        raise ValueError("radius")
    return Near(read_point(value), metres)


def _rings(value: Any, area: Area) -> Rings:
    if "model" in value:
        return area(value["model"], value["id"])
    if value["type"] != "Polygon":
        raise ValueError(value["type"])
    return [[[float(lng), float(lat)] for lng, lat in ring] for ring in value["coordinates"]]


def _token(value: Any) -> Any:
    """A hashable stand-in that keeps True apart from 1."""
    if isinstance(value, dict | list):
        raise TypeError("one value is expected")
    return (bool, value) if isinstance(value, bool) else value


def _tokens(value: Any, _: Area) -> frozenset[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return frozenset(map(_token, value))


def _yes_or_no(value: Any, _: Area) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _lower_text(value: Any, _: Area) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value.casefold()


def _number_or_text(value: Any, _: Area) -> float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("a number or a text is expected")
    return value


def _any_in_order(sign: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    """Numbers are compared with numbers and texts with texts; nothing else has an order."""

    def test(leaves: list[Any], wanted: float | str) -> bool:
        kind = str if isinstance(wanted, str) else (int, float)
        return any(isinstance(leaf, kind) and sign(leaf, wanted) for leaf in leaves)

    return test


ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

TESTS: dict[str, Callable[[list[Any], Any], bool]] = {
    "=": lambda leaves, wanted: wanted in leaves,
    ANY_CASE: lambda leaves, wanted: any(
        isinstance(leaf, str) and leaf.casefold() == wanted for leaf in leaves
    ),
    "!=": lambda leaves, wanted: wanted not in leaves,
    "in": lambda leaves, wanted: not wanted.isdisjoint(leaves),
    "notin": lambda leaves, wanted: wanted.isdisjoint(leaves),
    "all": lambda leaves, wanted: wanted.issubset(leaves),
    "like": lambda leaves, wanted: any(
        isinstance(leaf, str) and wanted in leaf.casefold() for leaf in leaves
    ),
    "exists": lambda leaves, wanted: any(leaf is not None for leaf in leaves) == wanted,
    **{sign: _any_in_order(compare) for sign, compare in ORDER.items()},
}

VALUES: dict[str, Callable[[Any, Area], Any]] = {
    "=": lambda value, _: _token(value),
    "!=": lambda value, _: _token(value),
    "in": _tokens,
    "notin": _tokens,
    "all": _tokens,
    "like": _lower_text,
    "exists": _yes_or_no,
    **dict.fromkeys(ORDER, _number_or_text),
    "near": _near,
    "within": _rings,
    "point-intersect": lambda value, _: read_point(value),
}
