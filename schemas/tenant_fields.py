"""Types of a tenant's settings. Their messages are for the operator, and say how to mend the setting."""

import re
import ssl
from typing import Unpack
from urllib.parse import urlsplit

from marshmallow import ValidationError

from schemas.countries import Area
from schemas.fields import Choice, Number, Tags, number
from schemas.typed_field import FieldOptions, TypedField


class Word(TypedField[str]):
    """Text without spaces, stripped."""

    default_error_messages = {
        "required": "is missing: set it",
        "null": "is missing: set it",
        "invalid": "must be text without spaces or line breaks",
    }

    def read(self, value: object) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not text or not text.isprintable() or " " in text:
            raise self.make_error("invalid")
        return text


class ApiToken(Word):
    """The key to `owner`'s API."""

    default_error_messages = {"invalid": "must be plain ASCII without spaces, as {owner} shows it"}

    def __init__(self, owner: str, **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        self._owner = owner

    def read(self, value: object) -> str:
        token = super().read(value)
        if not token.isascii():
            raise self.make_error("invalid")
        return token

    def make_error(self, key: str, **values: object) -> ValidationError:
        return super().make_error(key, owner=self._owner, **values)


class Url(Word):
    """OZmap's address, without `/api/v2`."""

    default_error_messages = {
        "invalid": "must look like https://isp.ozmap.com.br:9994, with or without /api/v2",
    }

    def read(self, value: object) -> str:
        text = super().read(value)
        try:
            parts = urlsplit(text)
            host = parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            raise self.make_error("invalid") from None
        extras = parts.username or parts.password or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not host or extras:
            raise self.make_error("invalid")
        return text.rstrip("/").removesuffix("/api/v2").rstrip("/")


class ChatUrl(Word):
    """An address that a phone opens with the chat."""

    default_error_messages = {
        "invalid": "must be an address that opens the chat, like https://wa.me/5548999990000"
    }

    def read(self, value: object) -> str:
        text = super().read(value)
        if not text.startswith(("https://", "http://", "whatsapp://", "tg://")):
            raise self.make_error("invalid")
        return text


class CertificateFile(Word):
    """Path of a file that OpenSSL can load."""

    default_error_messages = {"invalid": "must name a readable file of CA certificates (PEM)"}

    def read(self, value: object) -> str:
        path = super().read(value)
        try:
            ssl.create_default_context(cafile=path)
        except OSError:
            raise self.make_error("invalid") from None
        return path


class Prefix(Word):
    """The beginning of a client code."""

    default_error_messages = {"invalid": "must be 1 to 20 letters, digits, _ or -"}

    def read(self, value: object) -> str:
        text = super().read(value)
        if not re.fullmatch("[A-Za-z0-9_-]{1,20}", text):
            raise self.make_error("invalid")
        return text


class Keys(TypedField[tuple[str, ...]]):
    """Keys that flows may send, each with at least `shortest` characters."""

    default_error_messages = {
        "invalid": "must be keys separated by commas, each of at least {shortest} characters",
    }

    def __init__(self, shortest: int, **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        self._shortest = shortest

    def read(self, value: object) -> tuple[str, ...]:
        listed = value.split(",") if isinstance(value, str) else value
        texts = [key.strip() for key in listed if isinstance(key, str)] if isinstance(listed, list) else []
        keys = tuple(filter(None, texts))
        whole = isinstance(listed, list) and len(texts) == len(listed)
        if not whole or not keys or min(map(len, keys)) < self._shortest:
            raise self.make_error("invalid", shortest=self._shortest)
        return keys


class Bounds(TypedField[Area]):
    """An area: its four borders, in the order of Area."""

    default_error_messages = {
        "invalid": "must be south, west, north, east in degrees, as in -27.85, -48.61, -27.37, -48.35",
    }

    def read(self, value: object) -> Area:
        listed = value.split(",") if isinstance(value, str) else value
        numbers = [number(entry) for entry in listed] if isinstance(listed, list) else []
        degrees = [entry for entry in numbers if entry is not None]
        if len(degrees) != len(Area._fields) or len(numbers) != len(degrees):
            raise self.make_error("invalid")
        area = Area(*degrees)
        if not (-90 <= area.south < area.north <= 90 and -180 <= area.west < area.east <= 180):
            raise self.make_error("invalid")
        return area


class Span(Number):
    """A length of the way or of time, in `unit`."""

    default_error_messages = {"invalid": "must be a number of {unit} above 0, at most {most:g}"}

    def __init__(self, unit: str, most: float, **options: Unpack[FieldOptions]) -> None:
        super().__init__(most=most, **options)
        self._unit = unit

    def make_error(self, key: str, **values: object) -> ValidationError:
        return super().make_error(key, unit=self._unit, **values)


class TagNames(Tags):
    """Tags, with a message for the operator."""

    default_error_messages = {"invalid": "must be tag names or ids, separated by commas"}


class OneOf(Choice):
    """A choice, with a message for the operator."""

    default_error_messages = {"invalid": "must be one of: {words}"}


class YesNo(TypedField[bool]):
    """Yes or no, as people and TOML write it."""

    default_error_messages = {"invalid": "must be sim or nao"}

    def read(self, value: object) -> bool:
        word = value.strip().lower() if isinstance(value, str) else value
        if word in ("1", "true", "sim", True):
            return True
        if word in ("0", "false", "nao", "não", False):
            return False
        raise self.make_error("invalid")
