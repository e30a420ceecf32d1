"""The OZmap chatbot webhook: answers flows of Huggy and 5Hub from an OZmap network."""

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders import SERVICES
from webhook.location.resolve import Locator
from webhook.location.search import AddressSearch
from webhook.location.short_links import ShortLinks
from webhook.ozmap.api import OzmapAccount
from webhook.ozmap.breaker import Breaker
from webhook.ozmap.client import OzmapClient
from webhook.recipes.load import load as load_recipes
from webhook.recipes.run import Kitchen
from webhook.settings import Settings, load
from webhook.web import make_app
from webhook.web.actions.question import Parts

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None) -> "Flask":
    """The WSGI application, where all parts meet. Opens no socket and no thread: gunicorn forks after it.

    Without `settings` reads the environment. Raises SettingsError.
    """
    settings = settings or load()
    recipes = load_recipes(settings.recipes_dir)
    # A host that is down is down for all of its tenants.
    breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
    accounts = {
        tenant.slug: OzmapAccount(OzmapClient(tenant, breakers[urlsplit(tenant.ozmap_url).netloc]))
        for tenant in settings.tenants
    }
    search = AddressSearch(_geocoder(settings), Postcodes(settings.cep_url))
    return make_app(settings, Parts(accounts, Locator(ShortLinks(), search), Kitchen(recipes)))


def _geocoder(settings: Settings) -> Geocoder | None:
    if settings.geocoder is None:
        return None
    service = SERVICES[settings.geocoder]
    return Geocoder(service, settings.geocoder_url, settings.geocoder_key, settings.geocoder_contact)
