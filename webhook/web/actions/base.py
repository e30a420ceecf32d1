"""What an action is: its declaration, what it is given, and how bad values leave it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from schemas.conversation import Conversation
from schemas.messages import lines
from schemas.record import R
from schemas.reply import Reply
from schemas.request import BaseRequestSchema, LocationRequest
from schemas.tenants import Tenant
from webhook.demand.counts import Counts
from webhook.demand.seen import seen_in
from webhook.flows.definition import Flow
from webhook.location.place import Place, Precision
from webhook.location.resolve import Locator
from webhook.outcomes import LOCALIZACAO_AUSENTE, LOCALIZACAO_NAO_ENTENDIDA, Answer
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.platforms.base import Platform
from webhook.recipes.run import RecipeRunner
from webhook.settings import Settings
from webhook.store import Store
from webhook.viability.lookups import Lookups
from webhook.viability.recent import Recent
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
    recent: Recent
    conversations: Mapping[str, Mapping[str, Flow]]
    """Tenant slug to the conversations that it may lead, by name."""
    demand: Counts


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
    protocol: str = ""
    """The id of the request, for the log."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Keys that could not be read and were not needed, and why they could not; for the log."""
    trace: list[dict[str, object]] | None = None
    """Gets what the steps of a conversation sent, and their replies."""
    conversation: str | None = None
    """The platform's id of the conversation whose step this is; a request from outside says it itself."""
    found: list[Place] = field(default_factory=list)
    """The place, once it was found."""
    waits: bool = True
    """If not, there is no place for a request that waits, and the deadline is over from the start."""

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
        if isinstance(place, Place):
            self.found.append(place)
        return place

    def count(self, values: object, answer: Answer) -> None:
        """Count what the answer says of the demand: docs/demand.md."""
        seen = seen_in(answer, self.found[-1].point if self.found else None)
        if seen is None or not isinstance(values, LocationRequest):
            return
        id_ = self.conversation or values.conversation
        # A request that belongs to no conversation counts as one.
        conversation = Conversation(self.platform.name, id_).key if id_ else f"{self.protocol} alone"
        self.services.demand.note(self.tenant.slug, conversation, seen)


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
    asked_again: bool = False
    """Can answer without waiting, and go on with its work until it is asked again."""
    platforms: Container[str] | None = None
    """None: all of them."""

    def run(self, request: ActionRequest) -> Answer:
        """Raises BadValues."""
        values = request.read(self.request)
        answer = self.function(request, values)
        request.count(values, answer)
        return answer

    @property
    def methods(self) -> list[str]:
        return ["GET", "POST"] if self.read else ["POST"]


def action(
    name: str,
    *,
    request: BaseRequestSchema[Any],
    reply: type[Reply],
    read: bool = False,
    asked_again: bool = False,
) -> Callable[[ActionFunction], Action]:
    """Declare the decorated function as an action. The first line of its docstring is the summary."""

    def declare(function: ActionFunction) -> Action:
        summary = (function.__doc__ or "").partition("\n")[0].rstrip(".")
        return Action(name, summary, request, reply, function, read, asked_again)

    return declare
