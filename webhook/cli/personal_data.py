"""python -m webhook purge, forget: personal data leaves the store."""

import argparse
import sys
import time
from collections.abc import Iterable

from schemas.conversation import Conversation
from schemas.tenants import Tenant
from webhook.cli import Commands
from webhook.cli.store import add_command
from webhook.platforms import PLATFORMS
from webhook.sales.phones import number_of
from webhook.sales.retention import Forgotten, Person, SeveralConversations, forget, purge
from webhook.settings import Settings
from webhook.store import Store, demand


def add_to(commands: Commands) -> None:
    add_command(commands, "purge", _purge, "clear personal data that is no longer needed")
    parser = add_command(commands, "forget", _forget, "delete one person's data")
    parser.add_argument("--telefone", metavar="NUMBER", help="as +5548999887766, or as it is dialled")
    parser.add_argument("--conversa", metavar="ID", help="the platform's own id of the conversation")
    parser.add_argument("--plataforma", choices=sorted(PLATFORMS), help="of --conversa")
    parser.add_argument("--isp", metavar="SLUG", help="only this ISP of TENANTS_FILE")


def _purge(settings: Settings, store: Store, _: argparse.Namespace) -> int:
    purged = purge(store, settings.tenants, time.time(), settings.conversation_h * 3600)
    demand.purge(store, time.time())
    print(f"{purged.sales} sales and {purged.links} location links cleared")
    for left in purged.left:
        where = f"{left.platform} {left.flow} [{left.step}]" if left.flow else left.platform
        print(f"{where}: {left.rows} conversation(s) given up")
    return 0


def _forget(settings: Settings, store: Store, arguments: argparse.Namespace) -> int:
    try:
        forgotten = forget(store, _person(settings, arguments))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except SeveralConversations as error:
        places = ", ".join(f"--isp {tenant} --plataforma {platform}" for tenant, platform in error.found)
        print(f"nothing deleted: several conversations have this id, choose one: {places}", file=sys.stderr)
        return 1
    _report(forgotten)
    if not forgotten.erased:
        print("the database was busy, so its files still hold copies: run this again", file=sys.stderr)
    return 0 if forgotten.erased else 1


def _person(settings: Settings, arguments: argparse.Namespace) -> Person:
    """Raises ValueError: what is missing or wrong."""
    if not (arguments.telefone or arguments.conversa):
        raise ValueError("whom? Give --telefone, --conversa or both")
    tenants = [one for one in settings.tenants if arguments.isp in {None, one.slug}]
    if not tenants:
        raise ValueError(f"--isp: no such ISP in the settings: {arguments.isp}")
    phone = _phone(arguments.telefone, tenants) if arguments.telefone else None
    platforms = [arguments.plataforma] if arguments.plataforma else list(PLATFORMS)
    chats = [Conversation(one, arguments.conversa) for one in platforms] if arguments.conversa else []
    return Person(phone, chats, arguments.isp)


def _phone(text: str, tenants: Iterable[Tenant]) -> str:
    """Raises ValueError. Without a country code a number belongs to the country of its ISP."""
    regions = {one.country.alpha2 for one in tenants}
    phones = {number for one in regions if (number := number_of(text, one))}
    if not phones:
        raise ValueError("--telefone is no telephone number: write it like +5548999887766")
    if len(phones) > 1:
        raise ValueError("--telefone is a number of several countries: write it like +5548999887766")
    return phones.pop()


def _report(forgotten: Forgotten) -> None:
    rows = forgotten.rows
    print(
        f"deleted here: {rows['reservations']} reservation(s), {rows['prospects']} prospect(s), "
        f"{rows['links']} location link(s), {rows['notices']} message(s)"
    )
    for kind, codes in (("clients", forgotten.clients), ("prospects", forgotten.prospects)):
        if codes:
            print(f"OZmap may still have these {kind}, find them there by code and delete them:")
            print("\n".join(f"  {code}" for code in sorted(codes)))
    if forgotten.foreign_clients:
        print("and these clients, which this service did not make, whose owner decides:")
        print("\n".join(f"  {code}" for code in sorted(forgotten.foreign_clients)))
