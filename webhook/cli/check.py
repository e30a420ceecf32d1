"""python -m webhook check: would the service start, and does each OZmap answer what it will be asked?"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from secrets import token_hex

from schemas.tenants import Tenant
from webhook.cli import Commands
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import MOST_PAGES, Ozmap, OzmapAccount
from webhook.ozmap.calls import PAGE_SIZE
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.recipes.load import load as load_recipes
from webhook.settings import load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import is_current
from webhook.web.conversations import conversations_of

PATIENCE = 30.0
"""Seconds for each OZmap."""


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("check", help="check the settings, try each OZmap and its key")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints each problem in a line; 0 if there is none."""
    settings = load()
    recipes = load_recipes(settings.recipes_dir)
    conversations_of(settings, recipes)
    _try_store(Store(settings.database_url))
    print(f"settings: ok, {len(settings.tenants)} tenant(s), {len(recipes)} recipe(s)")
    if settings.geocoder == "nominatim" and not (settings.geocoder_url or settings.geocoder_contact):
        print("GEOCODER_CONTACT is not set: the public Nominatim wants an e-mail address to write to")
    if not settings.public_url.startswith("https://"):
        print("PUBLIC_URL is not https: phones do not give their position to such a page")
    problems = [problem for tenant in settings.tenants for problem in _problems(tenant)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _try_store(store: Store) -> None:
    """Raises StoreUnknown, as a start would. One that is not there yet, or does not answer, is none."""
    if store.is_sqlite and not Path(store.url.database or "").exists():
        return
    with closing(store), suppress(StoreUnavailable):
        is_current(store)


def _problems(tenant: Tenant) -> Iterator[str]:
    """A line for each; prints what is well, and what is no problem for everybody."""
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(PATIENCE))
    if problem := _try_key(ozmap, tenant):
        yield problem
        return
    yield from _try_reads(ozmap, tenant.slug)
    print(
        f"{tenant.slug}: whether the key may write is not tried: the first reservation or prospect shows it"
    )


def _try_key(ozmap: Ozmap, tenant: Tenant) -> str | None:
    """The problem, if there is one."""
    name = tenant.slug
    try:
        ozmap.check_key()
        projects = ozmap.projects()
    except OzmapRefused as error:
        if error.reason in {"401", "403"}:
            return f"{name}: OZmap refuses the key ({error.reason}): make a new one there. {error.message}"
        return f"{name}: no OZmap API at {tenant.ozmap_url} ({error.reason}): see OZMAP_URL. {error.message}"
    except OzmapError as error:
        return f"{name}: no answer from OZmap at {tenant.ozmap_url} ({error.reason}) {error.message}"
    if not projects:
        return f"{name}: the key sees no project: give its OZmap user the projects to sell in"
    print(f"{name}: OZmap accepts the key, which sees {len(projects)} project(s)")
    return None


def _try_reads(ozmap: Ozmap, name: str) -> Iterator[str]:
    """The problems with what feasibility and sales read. Sales look for a code: here nobody has it."""
    code = f"check-{token_hex(8)}"
    reads: list[tuple[str, str, Callable[[], int]]] = [
        ("boxes", "feasibility by pole", partial(ozmap.number_of, "boxes")),
        ("properties", "reservations", lambda: len(ozmap.properties_of(code))),
        ("ftth-clients", "reservations", partial(ozmap.number_of, "ftth-clients", code)),
        ("prospects", "prospects", partial(ozmap.number_of, "prospects", code)),
    ]
    for collection, purpose, read in reads:
        try:
            found = read()
        except OzmapError as error:
            if error.reason in {"401", "403"}:
                print(f"{name}: the key may not read {collection} ({error.reason}), so no {purpose} with it")
            else:
                yield f"{name}: no {purpose} with this OZmap: {collection}: {error.reason} {error.message}"
            continue
        if collection == "boxes":
            print(f"{name}: the key sees {found} box(es)")
        elif found and collection == "properties":
            yield f"{name}: OZmap finds {found} properties by a client code that nobody has: no reservations"
        elif found:
            print(
                f"{name}: OZmap ignores the filter by code on {collection}: each search reads all {found} of"
                f" them, and fails where there are more than {MOST_PAGES * PAGE_SIZE}"
            )
