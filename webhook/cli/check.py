"""python -m webhook check: would the service start, and does each OZmap accept its key?"""

import argparse
import sys
from typing import TYPE_CHECKING

from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.recipes.load import load as load_recipes
from webhook.settings import SettingsError, load

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

PATIENCE = 10.0
"""Seconds for each OZmap."""


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("check", help="check the settings and try each OZmap key")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints each problem in a line; 0 if there is none."""
    try:
        settings = load()
        recipes = load_recipes(settings.recipes_dir)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"settings: ok, {len(settings.tenants)} tenant(s), {len(recipes)} recipe(s)")
    if settings.geocoder == "nominatim" and not (settings.geocoder_url or settings.geocoder_contact):
        print("GEOCODER_CONTACT is not set: the public Nominatim wants an e-mail address to write to")
    if not settings.public_url.startswith("https://"):
        print("PUBLIC_URL is not https: phones do not give their position to such a page")
    problems = [problem for tenant in settings.tenants if (problem := _try_key(tenant))]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _try_key(tenant: Tenant) -> str | None:
    """The problem, if there is one."""
    name = tenant.slug
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(PATIENCE))
    try:
        ozmap.check_key()
        projects = ozmap.projects()
    except OzmapRefused as error:
        if error.reason in {"401", "403"}:
            return f"{name}: OZmap refuses the key ({error.reason}): make a new one there. {error.said}"
        return f"{name}: no OZmap API at {tenant.ozmap_url} ({error.reason}): see OZMAP_URL. {error.said}"
    except OzmapError as error:
        return f"{name}: no answer from OZmap at {tenant.ozmap_url} ({error.reason}) {error.said}"
    if not projects:
        return f"{name}: the key sees no project: give its OZmap user the projects to sell in"
    print(f"{name}: OZmap accepts the key, which sees {len(projects)} project(s)")
    return None
