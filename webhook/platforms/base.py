"""What a platform's module says about it, and how a platform tells a customer something later."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from schemas.fields import Mode
from schemas.reply import Reply
from schemas.tenants import Tenant
from webhook.net.deadline import Deadline

if TYPE_CHECKING:  # the settings import the platforms
    from webhook.settings import Settings


@dataclass(eq=False)
class NotifyError(Exception):
    """The platform did not confirm a message or a flow start."""

    reason: str
    """For logs: our own words and the HTTP status. The platform's text may quote the message."""
    _: KW_ONLY
    may_be_done: bool = False
    """Whether the customer may have got it all the same. Then it is not repeated."""
    final: bool = False
    """Whether a repeat cannot help: the token, the chat or the flow is wrong."""
    retry_after: float | None = None
    """Seconds that the platform asks us to wait."""


class Notifier(ABC):
    """Tells customers of one tenant something outside of a flow's own request. Threads may share it.

    `chat` is the platform's id of the conversation. Each call is made once: a caller decides about repeats.
    """

    setting: ClassVar[str]
    """The setting that a tenant needs for it."""
    has_flow: bool
    """Whether there is a flow to start after a message."""

    @staticmethod
    @abstractmethod
    def is_set_up(tenant: Tenant) -> bool:
        """Whether the tenant has the setting."""

    @classmethod
    @abstractmethod
    def of(cls, tenant: Tenant, settings: "Settings") -> Self | None:
        """The tenant's notifier; None if it is not set up."""

    @abstractmethod
    def message(self, chat: str, text: str, deadline: Deadline) -> None:
        """Writes `text` in the chat. Raises NotifyError."""

    @abstractmethod
    def start_flow(self, chat: str, deadline: Deadline) -> None:
        """Starts the flow that continues the chat. Raises NotifyError."""


@dataclass(frozen=True)
class LoopFile:
    """The flow that calls `conversa` again and again, as a JSON file that the platform imports."""

    make: Callable[[str], str]
    """Its text, from the address of this service. The key is a placeholder."""
    problems: Callable[[Mapping[str, Any]], Iterator[str]]
    """What would keep the platform from importing or running it."""


@dataclass(frozen=True)
class Platform:
    """`name` is the first part of its routes and the prefix of its settings, `brand` what people call it."""

    name: str
    brand: str
    mode: Mode
    """How to look for a box if neither the request nor the tenant says so."""
    styles: Mapping[str, Callable[[type[Reply]], Reply]]
    """Each value style, and what makes a reply's schema from its keys. The first style is the default."""
    actions_note: str
    """Portuguese, in every build guide: how sure the names of the actions are."""
    conversation: str
    """The conversation that is led if neither the request nor the tenant names one."""
    test_channel: str
    """Portuguese: where a flow can be tried without customers."""
    written: Callable[[str], str] = str
    """Writes a text so that the platform's chat shows it as it is. `str`: WhatsApp's own marks are meant."""
    loop: LoopFile | None = None
    """The loop in a format that the platform imports. None: a person builds it by hand."""
    notifier: type[Notifier] | None = None
    """None: it cannot tell a customer something later."""
