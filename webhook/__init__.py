"""The OZmap chatbot webhook: answers flows of Huggy and 5Hub from an OZmap network."""

from typing import TYPE_CHECKING

from webhook.demand.counts import Counts
from webhook.findme.links import Links
from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders import SERVICES
from webhook.location.resolve import Locator
from webhook.location.search import AddressSearch
from webhook.location.short_links import ShortLinks
from webhook.ozmap.accounts import accounts_of
from webhook.recipes.load import load as load_recipes
from webhook.recipes.run import RecipeRunner
from webhook.settings import Settings, load
from webhook.store import Store
from webhook.viability.lookups import Lookups
from webhook.viability.recent import Recent
from webhook.web.actions.base import Services
from webhook.web.app import make_app
from webhook.web.conversations import conversations_of
from webhook.web.request_log import late_lookup

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None) -> "Flask":
    """The WSGI application with its services. Opens no socket and starts no thread: gunicorn forks after it.

    Without `settings` reads the environment. Raises SettingsError.
    """
    settings = settings or load()
    store = Store(settings.database_url)
    recipes = load_recipes(settings.recipes_dir)
    services = Services(
        settings=settings,
        accounts=accounts_of(settings.tenants, settings.ozmap_at_once),
        locator=Locator(ShortLinks(), address_search(settings), Links(store).confirmed_place),
        recipes=RecipeRunner(recipes),
        store=store,
        lookups=Lookups(store, len(settings.tenants) > 1, late_lookup, settings.ozmap_at_once),
        recent=Recent(store),
        conversations=conversations_of(settings, recipes),
        demand=Counts(store),
    )
    return make_app(services)


def address_search(settings: Settings) -> AddressSearch:
    """The search for addresses with the operator's geocoder, if there is one."""
    geocoder = None
    if settings.geocoder is not None:
        service = SERVICES[settings.geocoder]
        geocoder = Geocoder(service, settings.geocoder_url, settings.geocoder_key, settings.geocoder_contact)
    return AddressSearch(geocoder, Postcodes(settings.cep_url))
