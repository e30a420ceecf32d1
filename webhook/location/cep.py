"""Looks up the address of a CEP at ViaCEP (viacep.com.br), or at a service with the same answers."""

import json
from dataclasses import replace

from marshmallow import ValidationError, fields

from schemas.record import RecordSchema
from webhook.location.address import Address
from webhook.location.outside import ServiceUnavailable, get, memory
from webhook.location.words import without_range
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline


class _AnswerSchema(RecordSchema[Address]):
    """The CEP of a whole town has neither street nor district."""

    record = Address

    street = fields.String(data_key="logradouro", load_default="")
    district = fields.String(data_key="bairro", load_default="")
    city = fields.String(data_key="localidade", required=True)
    state = fields.String(data_key="uf", required=True)


_ANSWER = _AnswerSchema()


class Postcodes:
    """`base` is the service's address, to which `/<cep>/json/` is added."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._addresses: SharedCache[Address | None] = memory("postcodes")

    def address(self, postcode: str, deadline: Deadline) -> Address | None:
        """The address of a CEP (eight digits), None if there is no such CEP. Raises ServiceUnavailable."""
        try:
            return self._addresses.get(postcode, lambda: self._ask(postcode, deadline), deadline)
        except TimeoutError:
            raise ServiceUnavailable from None

    def _ask(self, postcode: str, deadline: Deadline) -> Address | None:
        status, body = get(f"{self._base}/{postcode}/json/", deadline)
        if status in {400, 404}:
            return None
        try:
            answer = json.loads(body)
            # An unknown CEP has `true` here, and since 2024 also the text "true".
            if isinstance(answer, dict) and answer.get("erro") in {True, "true"}:
                return None
            address = _ANSWER.read_one(answer)
        except (ValueError, RecursionError, TypeError, ValidationError):
            raise ServiceUnavailable from None
        return replace(address, street=without_range(address.street), postcode=postcode)
