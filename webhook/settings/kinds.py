"""The kinds of values that a setting of the service may have, each with the text that says how to mend it."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from limits import parse_many
from marshmallow import ValidationError, fields
from marshmallow.validate import URL, Length, OneOf, Range

from schemas.tenant_fields import SHORTEST_KEY, is_base_address
from webhook.store import database_url


class Kind(NamedTuple):
    """`field` reads a value; `mend` is what the operator is told where it cannot."""

    field: fields.Field[Any]
    mend: str = ""


def whole(what: str, least: int, most: int) -> Kind:
    """A whole number of `what`."""
    return Kind(fields.Integer(validate=Range(least, most)), f"must be {what} between {least} and {most}")


def seconds(least: float, most: float) -> Kind:
    """A time."""
    return Kind(fields.Float(validate=Range(least, most)), f"must be seconds between {least:g} and {most:g}")


def hours(least: float, most: float) -> Kind:
    """A long time."""
    return Kind(fields.Float(validate=Range(least, most)), f"must be hours between {least:g} and {most:g}")


def choice(words: Iterable[str]) -> Kind:
    """One of these words."""
    return Kind(fields.String(validate=OneOf(words)), "must be one of: " + " | ".join(words))


def address(example: str) -> Kind:
    """A base address, kept without a slash at its end."""
    return Kind(fields.Function(deserialize=_base_address), f"must be an address, like {example}")


def text(check: Callable[[str], object], mend: str) -> Kind:
    """A text for which `check` is true; it may raise ValueError for a wrong one."""

    def validate(given: str) -> None:
        try:
            is_right = check(given)
        except ValueError:
            is_right = False
        if not is_right:
            raise ValidationError(mend)

    return Kind(fields.String(validate=validate), mend)


def template(listed: str) -> Kind:
    """An address with placeholders in it; `listed` names them in a sentence, as in "{x} and {y}"."""
    placeholders = re.findall(r"{\w+}", listed)

    def check(url: str) -> bool:
        return all(one in url for one in placeholders) and urlsplit(url).scheme in {"http", "https"}

    return text(check, f"must be an address with {listed} in it")


def _base_address(url: str) -> str:
    if not is_base_address(url):
        raise ValidationError("no base address")
    return URL(schemes={"http", "https"}, require_tld=False)(url).rstrip("/")


def _is_rate(limits: str) -> bool:
    # "0/minute" is read as a limit, and would refuse every call.
    return all(limit.amount for limit in parse_many(limits))


def _is_redis(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.port != 0 and parts.hostname
    return bool(host) and parts.scheme in {"redis", "rediss"} and bool(re.fullmatch("/?[0-9]*", parts.path))


FOLDER = text(lambda path: Path(path).is_dir(), "must be a folder that can be read")
TEXT = Kind(fields.String())
SWITCH = Kind(fields.Boolean(), "must be 1 or 0")
KEY = Kind(fields.String(validate=Length(SHORTEST_KEY)), f"must have {SHORTEST_KEY} characters or more")
TILES = template("{z}, {x} and {y}")
DATABASE = text(database_url, "must be sqlite:///a/file.db or postgresql://user:password@host/database")
RATE = text(_is_rate, "must be calls in a time, like 120/minute or 10/second; 5000/day")
REDIS = text(_is_redis, "must be an address, like redis://127.0.0.1:6379/0, with rediss:// for TLS")
