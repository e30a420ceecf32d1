"""What an action is: its declaration, what it is given, and how bad values leave it."""

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.messages import lines
from schemas.reply import Reply
from schemas.tenants import Tenant
from webhook.location.resolve import Locator
from webhook.outcomes import Answer
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.platforms.base import Platform
from webhook.recipes.run import RecipeRunner
from webhook.store import Store
from webhook.viability.lookups import Lookups


@dataclass(frozen=True)
class Services:
    """Made once by create_app and shared by the actions of all requests."""

    accounts: Mapping[str, OzmapAccount]
    """Tenant slug to its OZmap."""
    locator: Locator
    recipes: RecipeRunner
    store: Store
    lookups: Lookups
    public_url: str
    """How customers reach this service, without a slash at the end."""
    findme_url: str | None
    """An ISP's own location page, with `{conversa_id}` and `{token}` in it."""
    reply_deadline: float
    """Seconds."""
    settle_time: float
    """Seconds after which a write of unknown fate is taken for lost."""


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
        """Load the values into the schema's record. Raises BadValues."""
        with reading():
            return schema.load(self.values)


class BadValues(Exception):
    """A request value cannot be used; `detail` says which and why, in Portuguese, for the flow author."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@contextmanager
def reading() -> Iterator[None]:
    """Turn a ValidationError into BadValues, with the first mistake of each key."""
    try:
        yield
    except ValidationError as error:
        first: dict[str, str] = {}
        for path, text in lines(error):
            first.setdefault(path[0], text)
        raise BadValues("; ".join(f"{key} {text}" for key, text in first.items())) from None


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
    name: str, summary: str, *, request: Schema, reply: type[Reply], read: bool = False
) -> Callable[[ActionFunction], Action]:
    """Declare the decorated function as an action."""
    return lambda function: Action(name, summary, request, reply, function, read)
