"""From an answer of OZmap to a recipe's flat values. Pure; never raises, whatever the answer is."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from webhook.recipes.model import Key, Read, Recipe, Spread, filled, numbered, placeholders

BRASILIA = timezone(timedelta(hours=-3))
"""What people there read times in; Brazil has had no summer time since 2019."""
LONGEST = 1000
"""Characters of a text: a chat message has little more."""
DEEPEST = 6
"""Levels of lists and objects in each other that are still told."""
CUT = "…"
"""Stands where something was left out: half a box's name may be another box's."""


def values_of(read: Read, answer: Any) -> dict[str, Any]:
    """The value of each key: text, a number, yes or no, or None."""
    values = {name: _value(key, answer) for name, key in read.keys.items()}
    return values | (_spread_over(read.spread, answer) if read.spread else {})


def _spread_over(spread: Spread, answer: Any) -> dict[str, Any]:
    """Numbered keys for the first of a list, and `total` for how many it has; None where there is no list."""
    found = spread.expression.search(answer)
    items = found if isinstance(found, list) else []
    values = [
        _value(key, items[n]) if n < len(items) else None
        for n in range(spread.most)
        for key in spread.keys.values()
    ]
    total = len(items) if isinstance(found, list) else None
    return dict(zip(numbered(spread.name, spread.most, spread.keys), [*values, total], strict=True))


def message(recipe: Recipe, values: Mapping[str, Any]) -> str:
    """The recipe's own message with its values; empty without one, or where a value is missing."""
    if any(values[name] is None for name in placeholders(recipe.message)):
        return ""
    return str(filled(recipe.message, {name: readable(value) for name, value in values.items()}))


def readable(value: Any, depth: int = 0) -> str:
    """Text for people: lists as "A, B e C", yes and no as words, and no syntax of any language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "sim" if value else "não"
    if isinstance(value, int | float):
        return _digits(value)
    if isinstance(value, str):
        return _line(value)
    if depth > DEEPEST:
        return CUT
    if isinstance(value, Mapping):
        pairs = ((_line(name), readable(inner, depth + 1)) for name, inner in value.items())
        return _joined(f"{name}: {told}" for name, told in pairs if told)
    return _joined(readable(inner, depth + 1) for inner in value)


def _joined(parts: Iterable[str]) -> str:
    told: list[str] = []
    length = 0
    for part in filter(None, parts):
        told.append(part)
        length += len(part)
        if length > LONGEST:
            return _cut(", ".join(told))
    return _cut(" e ".join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else "".join(told))


def _line(text: str) -> str:
    # Half characters, which no reply can carry, are not printable either.
    start = " ".join(text.split())[: LONGEST + 1]
    return _cut(" ".join("".join(sign if sign.isprintable() else " " for sign in start).split()))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)].rstrip() + CUT


def _digits(value: float) -> str:
    if not _is_plain(value):
        return ""
    return _cut(format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value))


def _is_plain(value: float) -> bool:
    """Whether it is a number that a double holds: JSON takes more digits than Python writes."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _value(key: Key, answer: Any) -> Any:
    found = key.expression.search(answer)
    if key.is_time:
        return _time(found)
    if isinstance(found, int | float):
        return found if _is_plain(found) else None
    return readable(found) or None


def _time(found: Any) -> str | None:
    """`dd/mm/aaaa hh:mm` in Brasília, of a day `dd/mm/aaaa`; OZmap's times are ISO 8601 in UTC."""
    if not isinstance(found, str):
        return None
    text = found.strip()
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(BRASILIA).strftime("%d/%m/%Y %H:%M")
    except (ValueError, OverflowError):
        return None
