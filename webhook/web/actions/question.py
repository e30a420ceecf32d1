"""What an action is given, and what it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.tenants import Tenant
from webhook.location.resolve import Locator
from webhook.outcomes import Answer
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.platforms.base import Platform
from webhook.recipes.run import Kitchen
from webhook.store import Store
from webhook.viability.lookups import Lookups


@dataclass(frozen=True)
class Parts:
    """What create_app puts together once, and the actions of all requests use."""

    accounts: Mapping[str, OzmapAccount]
    """Tenant slug to its OZmap."""
    locator: Locator
    kitchen: Kitchen
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
class Question:
    """Everything that an action may look at."""

    parts: Parts
    platform: Platform
    tenant: Tenant
    ozmap: Ozmap
    values: Mapping[str, Any]
    form: str
    """How the values came: json, formulario, consulta or vazio."""

    def read(self, schema: Schema) -> Any:
        """The values as the schema's record. Raises BadValues."""
        with reading():
            return schema.load(self.values)


class BadValues(Exception):
    """A request value cannot be used; `detail` says which and why, in Portuguese, for the flow author."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@contextmanager
def reading() -> Iterator[None]:
    """Turns a ValidationError into BadValues."""
    try:
        yield
    except ValidationError as error:
        messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise BadValues("; ".join(f"{key} {texts[0]}" for key, texts in messages.items())) from None


@dataclass(frozen=True)
class Action:
    """`name` is the route below the platform. A read answers GET as well as POST."""

    name: str
    run: Callable[[Question], Answer]
    read: bool
    summary: str
    """One line for /openapi.json."""
    request: Callable[[], Schema]
    """Makes the schema of the request keys it looks at."""

    @property
    def methods(self) -> list[str]:
        """Of HTTP."""
        return ["GET", "POST"] if self.read else ["POST"]
