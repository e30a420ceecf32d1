"""What a platform's module says about it, and how a platform tells a customer something later."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from schemas.fields import Mode
from schemas.reply import Reply
from schemas.tenants import Tenant
from webhook.net.deadline import Deadline

if TYPE_CHECKING:  # the settings import the platforms
    from webhook.settings import Settings


class NotifyError(Exception):
    """The platform did not confirm a message or a flow start.

    `reason` goes to logs: our own words and the HTTP status. The platform's text may quote the message.
    """

    def __init__(
        self, reason: str, *, may_be_done: bool = False, final: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_be_done = may_be_done
        """Whether the customer may have got it all the same. Then it is not repeated."""
        self.final = final
        """Whether a repeat cannot help: the token, the chat or the flow is wrong."""
        self.retry_after = retry_after
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
    test_channel: str
    """Portuguese: where a flow can be tried without customers."""
    notifier: type[Notifier] | None = None
    """None: it cannot tell a customer something later."""
