"""From an answer of OZmap to a recipe's flat values. Pure; never raises, whatever the answer is."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from schemas.recipe import Key, Read, Recipe, Spread, filled

BRASILIA = timezone(timedelta(hours=-3))
"""What people there read times in; Brazil has had no summer time since 2019."""
LONGEST = 1000
"""Characters of a text: a chat message has little more."""
DEEPEST = 6
"""Levels of lists and objects in each other that are still told."""


def values_of(read: Read, answer: Any) -> dict[str, Any]:
    """The value of each key: text, a number, yes or no, or None."""
    return {name: _value(key, answer) for name, key in read.keys.items()}


def spread_over(spread: Spread, answer: Any) -> dict[str, Any]:
    """Numbered keys for the first of a list, and `total` for how many it has."""
    found = spread.expression.search(answer)
    items = found if isinstance(found, list) else []
    values = {
        f"{spread.name}_{n}_{name}": _value(key, items[n - 1]) if n <= len(items) else None
        for n in range(1, spread.most + 1)
        for name, key in spread.keys.items()
    }
    return values | {"total": len(items)}


def is_empty(read: Read, answer: Any) -> bool:
    """Whether the recipe calls this answer nothing."""
    return read.empty is not None and read.empty.search(answer) is True


def message(recipe: Recipe, values: Mapping[str, Any]) -> str:
    """The recipe's own message with its values; empty without one."""
    return str(filled(recipe.message, {name: readable(value) for name, value in values.items()}))


def readable(value: Any, depth: int = 0) -> str:
    """Text for people: lists as "A, B e C", yes and no as words, and no syntax of any language."""
    if value is None or depth > DEEPEST:
        return ""
    if isinstance(value, bool):
        return "sim" if value else "não"
    if isinstance(value, float):
        return f"{value:.10g}" if math.isfinite(value) else ""
    if isinstance(value, Mapping):
        return _joined(
            [f"{name}: {told}" for name, inner in value.items() if (told := readable(inner, depth + 1))]
        )
    if isinstance(value, list):
        return _joined([told for inner in value if (told := readable(inner, depth + 1))])
    return " ".join(str(value).split())[:LONGEST]


def _joined(parts: Sequence[str]) -> str:
    text = " e ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)
    return text[:LONGEST]


def _value(key: Key, answer: Any) -> Any:
    found = key.expression.search(answer)
    if key.is_time:
        return _time(found)
    if found is None or isinstance(found, bool | int):
        return found
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    return readable(found) or None


def _time(found: Any) -> str | None:
    """`dd/mm/aaaa hh:mm` in Brasília; OZmap's times are ISO 8601 in UTC."""
    if not isinstance(found, str):
        return None
    try:
        moment = datetime.fromisoformat(found.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(BRASILIA).strftime("%d/%m/%Y %H:%M")
    except (ValueError, OverflowError):
        return None
