"""The kinds of values that a setting of the service may have, each with the text that says how to mend it."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from limits import parse_many
from marshmallow import ValidationError, fields
from marshmallow.validate import URL, Length, OneOf, Range

from schemas.tenants import SHORTEST_KEY
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


def choice(words: Iterable[str]) -> Kind:
    """One of these words."""
    return Kind(fields.String(validate=OneOf(words)), "must be one of: " + " | ".join(words))


def address(example: str) -> Kind:
    """A base address, kept without a slash at its end."""
    return Kind(fields.Function(deserialize=_base_address), f"must be an address, like {example}")


def template(listed: str) -> Kind:
    """An address with placeholders in it; `listed` names them in a sentence, as in "{x} and {y}"."""
    placeholders = re.findall(r"{\w+}", listed)

    def check(url: str) -> None:
        plain = url
        for placeholder in placeholders:
            if placeholder not in url:
                raise ValidationError(f"lacks {placeholder}")
            plain = plain.replace(placeholder, "1")
        if urlsplit(plain).scheme not in {"http", "https"}:
            raise ValidationError("no address")

    return Kind(fields.String(validate=check), f"must be an address with {listed} in it")


def _base_address(url: str) -> str:
    return URL(schemes={"http", "https"}, require_tld=False)(url).rstrip("/")


def _check_database(url: str) -> None:
    try:
        database_url(url)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def _check_rate(limits: str) -> None:
    try:
        # "0/minute" is read as a limit, and would refuse every call.
        possible = all(limit.amount for limit in parse_many(limits))
    except ValueError:
        possible = False
    if not possible:
        raise ValidationError("no rate")


def _check_redis(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.port != 0 and parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"redis", "rediss"} or not re.fullmatch("/?[0-9]*", parts.path):
        raise ValidationError("no address")


TEXT = Kind(fields.String())
SWITCH = Kind(fields.Boolean(), "must be 1 or 0")
KEY = Kind(fields.String(validate=Length(SHORTEST_KEY)), f"must have {SHORTEST_KEY} characters or more")
TILES = template("{z}, {x} and {y}")
DATABASE = Kind(
    fields.String(validate=_check_database),
    "must be sqlite:///a/file.db or postgresql://user:password@host/database",
)
RATE = Kind(
    fields.String(validate=_check_rate), "must be calls in a time, like 120/minute or 10/second; 5000/day"
)
REDIS = Kind(
    fields.String(validate=_check_redis),
    "must be an address, like redis://127.0.0.1:6379/0, with rediss:// for TLS",
)
