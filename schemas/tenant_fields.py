"""Types of a tenant's settings. Their messages are for the operator, and say how to mend the setting."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from schemas.countries import Area
from schemas.fields import Choice, Flag, Number, Tags, metres, number
from schemas.typed_field import TypedField

SHORTEST_KEY = 8
"""Characters: long enough that nobody guesses it, short enough for the keys that people already have."""


class Word(TypedField[str]):
    """Text without spaces, stripped, for which `rule` holds; `mend` is what the operator reads otherwise."""

    default_error_messages = {"required": "is missing: set it", "null": "is missing: set it"}

    def __init__(self, rule: Callable[[str], object], mend: str) -> None:
        super().__init__(error_messages={"invalid": mend})
        self._rule = rule

    def read(self, value: object) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not text or not text.isprintable() or " " in text or not self._rule(text):
            raise self.make_error("invalid")
        return text


def api_token(owner: str) -> Word:
    """The key to `owner`'s API."""
    return Word(str.isascii, f"must be plain ASCII without spaces, as {owner} shows it")


def chat_url() -> Word:
    """An address that a phone opens with the chat."""
    schemes = re.compile("(https?|whatsapp|tg)://")
    return Word(schemes.match, "must be an address that opens the chat, like https://wa.me/5548999990000")


def certificate_file() -> Word:
    """Path of a file that OpenSSL can load."""
    return Word(_is_loaded, "must name a readable file of CA certificates (PEM)")


def _is_loaded(path: str) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        return False
    return True


def conversation() -> Word:
    """A conversation's name."""
    return Word(
        re.compile("[a-z][a-z0-9_]*").fullmatch, "must be the name of a conversation, like contratacao"
    )


def folder() -> Word:
    """Path of a folder."""
    return Word(lambda path: Path(path).is_dir(), "must name a folder that can be read")


def prefix() -> Word:
    """The beginning of a client code."""
    return Word(re.compile("[A-Za-z0-9_-]{1,20}").fullmatch, "must be 1 to 20 letters, digits, _ or -")


class OzmapUrl(Word):
    """OZmap's address, without `/api/v2`."""

    def __init__(self) -> None:
        mend = "must look like https://isp.ozmap.com.br:9994, with or without /api/v2"
        super().__init__(is_base_address, mend)

    def read(self, value: object) -> str:
        return super().read(value).rstrip("/").removesuffix("/api/v2").rstrip("/")


def is_base_address(text: str) -> bool:
    """Whether paths can be put after it, and nobody is named in it."""
    try:
        parts = urlsplit(text)
        host = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    extras = parts.username or parts.password or parts.query or parts.fragment
    return parts.scheme in {"http", "https"} and bool(host) and not extras


def _entries(value: object) -> list[object]:
    """The entries of a list, or of a text with commas between them; of anything else none."""
    listed = value.split(",") if isinstance(value, str) else value
    return listed if isinstance(listed, list) else []


class Keys(TypedField[tuple[str, ...]]):
    """Keys that flows may send."""

    default_error_messages = {
        "invalid": f"must be keys separated by commas, each of at least {SHORTEST_KEY} characters",
    }

    def read(self, value: object) -> tuple[str, ...]:
        entries = _entries(value)
        texts = [key.strip() for key in entries if isinstance(key, str)]
        keys = tuple(filter(None, texts))
        if len(texts) < len(entries) or not keys or min(map(len, keys)) < SHORTEST_KEY:
            raise self.make_error("invalid")
        return keys


class Bounds(TypedField[Area]):
    """An area: its four borders, in the order of Area."""

    default_error_messages = {
        "invalid": "must be south, west, north, east in degrees, as in -27.85, -48.61, -27.37, -48.35",
    }

    def read(self, value: object) -> Area:
        numbers = [number(entry) for entry in _entries(value)]
        degrees = [entry for entry in numbers if entry is not None]
        if not len(degrees) == len(numbers) == len(Area._fields):
            raise self.make_error("invalid")
        area = Area(*degrees)
        if not (-90 <= area.south < area.north <= 90 and -180 <= area.west < area.east <= 180):
            raise self.make_error("invalid")
        return area


def span(unit: str, most: float) -> Number:
    """A length of the way or of time, in `unit`."""
    invalid = f"must be a number of {unit} above 0, at most {{most:g}}"
    parse = metres if unit == "metres" else number
    return Number(most, parse, error_messages={"invalid": invalid})


def tag_names() -> Tags:
    return Tags(error_messages={"invalid": "must be tag names or ids, separated by commas"})


def one_of(*words: str) -> Choice:
    return Choice(*words, error_messages={"invalid": "must be one of: {words}"})


class YesNo(Flag):
    """Yes or no, as people and TOML write it."""

    default_error_messages = {"invalid": "must be sim or nao"}
    yes = ("1", "true", "sim", True)
    no = ("0", "false", "nao", "não", False)
