"""From an answer of OZmap to a recipe's flat values. Pure; never raises, whatever the answer is."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeAlias

from schemas.fields import number
from schemas.plain import digits, one_line
from webhook.recipes.kinds import Key
from webhook.recipes.model import Read, Recipe, Spread, numbered
from webhook.recipes.templates import filled, placeholders

BRASILIA = timezone(timedelta(hours=-3))
"""The zone in which people there read times; Brazil has had no summer time since 2019."""
LONGEST = 1000
"""Characters of a text: a chat message has little more."""
DEEPEST = 6
"""Levels of nested lists and objects that are written out."""
CUT = "…"
"""Marks where something was left out: half a box's name may be another box's."""

Value: TypeAlias = str | int | float | bool | None
Values: TypeAlias = dict[str, Value]


def values_of(read: Read, answer: object) -> Values:
    """The value of each reply key."""
    values = {name: _value(key, answer) for name, key in read.keys.items()}
    return values | (_spread_over(read.spread, answer) if read.spread else {})


def _spread_over(spread: Spread, answer: object) -> Values:
    """Numbered keys for the first items of a list, and its length as `total`; None if there is no list."""
    rows = spread.expression.search(answer)
    items = rows if isinstance(rows, list) else []
    values: list[Value] = [
        _value(key, items[n]) if n < len(items) else None
        for n in range(spread.most)
        for key in spread.keys.values()
    ]
    total = len(items) if isinstance(rows, list) else None
    return dict(zip(numbered(spread.name, spread.most, spread.keys), [*values, total], strict=True))


def message(recipe: Recipe, values: Mapping[str, Value]) -> str:
    """The recipe's own message with its values; empty without one, or if a value is missing."""
    if any(values[name] is None for name in placeholders(recipe.message)):
        return ""
    return str(filled(recipe.message, {name: readable(value) for name, value in values.items()}))


def readable(value: object, depth: int = 0) -> str:
    """Text for people: lists as "A, B e C", yes and no as words, and no syntax of any language."""
    match value:
        case bool():
            return "sim" if value else "não"
        case int() | float() if number(value) is not None:
            return _cut(digits(value) if isinstance(value, float) else str(value))
        case str():
            return _line(value)
        case Mapping() | list() if depth > DEEPEST:
            return CUT
        case Mapping():
            pairs = ((_line(name), readable(inner, depth + 1)) for name, inner in value.items())
            return _joined(f"{name}: {text}" for name, text in pairs if text)
        case list():
            return _joined(readable(inner, depth + 1) for inner in value)
    return ""


def _joined(parts: Iterable[str]) -> str:
    """As "A, B e C". Stops reading once the text is too long: a list of OZmap may have thousands of rows."""
    texts: list[str] = []
    length = 0
    for part in filter(None, parts):
        texts.append(part)
        length += len(part)
        if length > LONGEST:
            return _cut(", ".join(texts))
    return _cut(" e ".join((", ".join(texts[:-1]), texts[-1])) if len(texts) > 1 else "".join(texts))


def _line(text: str) -> str:
    return _cut(one_line(" ".join(text.split())[: LONGEST + 1]))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)].rstrip() + CUT


def _value(key: Key, answer: object) -> Value:
    result = key.expression.search(answer)
    if key.is_time:
        return _time(result)
    if isinstance(result, bool):
        return result
    if isinstance(result, int | float):
        # JSON allows integers of any length; Python reads them, but refuses to write more than 4300 digits.
        return None if number(result) is None else result
    return readable(result) or None


def _time(value: object) -> str | None:
    """`dd/mm/aaaa hh:mm` in Brasília, of a day `dd/mm/aaaa`; OZmap's times are ISO 8601 in UTC."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(BRASILIA).strftime("%d/%m/%Y %H:%M")
    except (ValueError, OverflowError):
        return None
