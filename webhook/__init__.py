"""The OZmap chatbot webhook: answers flows of Huggy and 5Hub from an OZmap network."""

from typing import TYPE_CHECKING

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
from webhook.web.actions.base import Services
from webhook.web.app import make_app
from webhook.web.request_log import late_lookup

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None) -> "Flask":
    """The WSGI application with its services. Opens no socket and starts no thread: gunicorn forks after it.

    Without `settings` reads the environment. Raises SettingsError.
    """
    settings = settings or load()
    store = Store(settings.database_url)
    services = Services(
        settings=settings,
        accounts=accounts_of(settings.tenants),
        locator=Locator(ShortLinks(), address_search(settings), Links(store).confirmed_place),
        recipes=RecipeRunner(load_recipes(settings.recipes_dir)),
        store=store,
        lookups=Lookups(store, shared=len(settings.tenants) > 1, on_late=late_lookup),
    )
    return make_app(services)


def address_search(settings: Settings) -> AddressSearch:
    """The search for addresses with the operator's geocoder, if there is one."""
    geocoder = None
    if settings.geocoder is not None:
        service = SERVICES[settings.geocoder]
        geocoder = Geocoder(service, settings.geocoder_url, settings.geocoder_key, settings.geocoder_contact)
    return AddressSearch(geocoder, Postcodes(settings.cep_url))
