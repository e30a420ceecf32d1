"""What an action is: its declaration, what it is given, and how bad values leave it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.messages import lines
from schemas.reply import Reply
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.location.resolve import Locator
from webhook.outcomes import Answer
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

    def read(self, schema: Schema) -> Any:
        """Load the values into the schema's record. Raises BadValues, with the first mistake of each key."""
        try:
            return schema.load(self.values)
        except ValidationError as error:
            first: dict[str, str] = {}
            for path, text in lines(error):
                first.setdefault(path[0], text)
            raise BadValues("; ".join(f"{key} {text}" for key, text in first.items())) from None

    def place(self, values: LocationRequest) -> Place | Answer:
        """The place, or the answer that asks for one. Raises StoreUnavailable."""
        return self.services.locator.resolve(values, self.tenant, self.platform.name, self.ozmap.deadline)


ActionFunction = Callable[[ActionRequest, Any], Answer]
"""Takes the request and the record that its schema loaded."""


@dataclass(frozen=True)
class Action:
    """A route below each platform: its name, its schemas, and the function that answers it."""

    name: str
    summary: str
    """One line for /openapi.json."""
    request: Schema
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
    name: str, *, request: Schema, reply: type[Reply], read: bool = False
) -> Callable[[ActionFunction], Action]:
    """Declare the decorated function as an action. The first line of its docstring is the summary."""

    def declare(function: ActionFunction) -> Action:
        summary = (function.__doc__ or "").partition("\n")[0].rstrip(".")
        return Action(name, summary, request, reply, function, read)

    return declare
