"""What an action is: its declaration, what it is given, and how bad values leave it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from schemas.messages import lines
from schemas.record import R
from schemas.reply import Reply
from schemas.request import BaseRequestSchema, LocationRequest
from schemas.tenants import Tenant
from webhook.location.place import Place, Precision
from webhook.location.resolve import Locator
from webhook.outcomes import LOCALIZACAO_AUSENTE, LOCALIZACAO_NAO_ENTENDIDA, Answer
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.platforms.base import Platform
from webhook.recipes.run import RecipeRunner
from webhook.settings import Settings
from webhook.store import Store
from webhook.viability.lookups import Lookups
from webhook.web.body import BadValues


@dataclass(frozen=True)
class Services:
    """Made once by create_app and shared by the actions of all requests."""

    settings: Settings
    accounts: Mapping[str, OzmapAccount]
    """Tenant slug to its OZmap."""
    locator: Locator
    recipes: RecipeRunner
    store: Store
    lookups: Lookups


@dataclass(frozen=True)
class ActionRequest:
    """One call of an action, after its key was accepted and its body read."""

    services: Services
    platform: Platform
    tenant: Tenant
    ozmap: Ozmap
    values: Mapping[str, object]
    form: str
    """How the values came: json, formulario, consulta or vazio."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Keys that could not be read and were not needed, and why they could not; for the log."""

    def read(self, schema: BaseRequestSchema[R]) -> R:
        """Load the values into the schema's record. Raises BadValues, with the first mistake of each key."""
        try:
            record, left_out = schema.read_request(self.values)
        except ValidationError as error:
            raise BadValues("; ".join(f"{path[0]} {text}" for path, text in lines(error))) from None
        self.left_out.update(left_out)
        return record

    def place(self, values: LocationRequest) -> Place | Answer:
        """The place, or the answer that asks for one. Raises StoreUnavailable.

        Raises BadValues if a key that was left out would have had a say in it.
        """
        locator = self.services.locator
        place = locator.resolve(values, self.tenant, self.platform.name, self.ozmap.deadline)
        if unread := {key: text for key, text in self.left_out.items() if key in _deciding(place, values)}:
            raise BadValues("; ".join(f"{key} {text}" for key, text in unread.items()))
        return place


def _deciding(place: Place | Answer, values: LocationRequest) -> Container[str]:
    """The keys that the place was read from, or would have been if they could be read."""
    if isinstance(place, Answer) and place.outcome is LOCALIZACAO_AUSENTE:
        return {"endereco", "cep", "conversa_id"}
    if isinstance(place, Answer):
        is_address = place.outcome is not LOCALIZACAO_NAO_ENTENDIDA
    else:
        is_address = place.precision is not Precision.EXACT
    typed = {"endereco"} if values.location is None and values.postcode is None else set()
    return {"cep", "numero", "bairro", "cidade", "uf"} | typed if is_address else set()


ActionFunction = Callable[[ActionRequest, Any], Answer]
"""Takes the request and the record that its schema loaded."""


@dataclass(frozen=True)
class Action:
    """A route below each platform: its name, its schemas, and the function that answers it."""

    name: str
    summary: str
    """One line for /openapi.json."""
    request: BaseRequestSchema[Any]
    reply: type[Reply]
    """The keys of every reply, also of one that refuses the request."""
    function: ActionFunction
    read: bool = False
    """Changes nothing, so it answers GET as well as POST."""
    platforms: Container[str] | None = None
    """None: all of them."""

    def run(self, request: ActionRequest) -> Answer:
        """Raises BadValues."""
        return self.function(request, request.read(self.request))

    @property
    def methods(self) -> list[str]:
        return ["GET", "POST"] if self.read else ["POST"]


def action(
    name: str, *, request: BaseRequestSchema[Any], reply: type[Reply], read: bool = False
) -> Callable[[ActionFunction], Action]:
    """Declare the decorated function as an action. The first line of its docstring is the summary."""

    def declare(function: ActionFunction) -> Action:
        summary = (function.__doc__ or "").partition("\n")[0].rstrip(".")
        return Action(name, summary, request, reply, function, read)

    return declare
