"""The OZmap chatbot webhook: answers flows of Huggy and 5Hub from an OZmap network."""

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webhook.location.resolve import Locator
from webhook.location.short_links import ShortLinks
from webhook.ozmap.api import OzmapAccount
from webhook.ozmap.breaker import Breaker
from webhook.ozmap.client import OzmapClient
from webhook.settings import Settings, load
from webhook.web import make_app
from webhook.web.actions.question import Parts

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None) -> "Flask":
    """The WSGI application, where all parts meet. Opens no socket, file or thread: gunicorn forks after it.

    Without `settings` reads the environment. Raises SettingsError.
    """
    settings = settings or load()
    # A host that is down is down for all of its tenants.
    breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
    accounts = {
        tenant.slug: OzmapAccount(OzmapClient(tenant, breakers[urlsplit(tenant.ozmap_url).netloc]))
        for tenant in settings.tenants
    }
    return make_app(settings, Parts(accounts, Locator(ShortLinks())))
