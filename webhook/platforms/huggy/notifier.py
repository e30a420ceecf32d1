"""Notices in Huggy: a message in the chat, then the tenant's continuation flow, over API v3."""

from typing import TYPE_CHECKING, Self

from schemas.tenants import Tenant
from webhook.net.deadline import Deadline
from webhook.platforms.base import Notifier
from webhook.platforms.huggy.client import HuggyClient

if TYPE_CHECKING:
    from webhook.settings import Settings


class HuggyNotifier(Notifier):
    setting = "HUGGY_API_TOKEN"

    def __init__(self, client: HuggyClient, flow: int | None) -> None:
        self._client = client
        self._flow = flow
        self.has_flow = flow is not None

    @staticmethod
    def is_set_up(tenant: Tenant) -> bool:
        return bool(tenant.huggy_api_token)

    @classmethod
    def of(cls, tenant: Tenant, settings: "Settings") -> Self | None:
        if not tenant.huggy_api_token:
            return None
        return cls(HuggyClient(settings.huggy_api_url, tenant.huggy_api_token), tenant.huggy_flow)

    def message(self, chat: str, text: str, deadline: Deadline) -> None:
        self._client.message(chat, text, deadline)

    def start_flow(self, chat: str, deadline: Deadline) -> None:
        if self._flow is not None:
            self._client.start_flow(chat, self._flow, deadline)
