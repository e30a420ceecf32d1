"""python -m webhook demand: where customers ask for fibre."""

import argparse
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from schemas.tenants import Tenant
from webhook.cli import Commands
from webhook.cli.store import add_command
from webhook.demand.cells import Cell, shown
from webhook.demand.formats import as_csv, as_geojson
from webhook.demand.page import Report, as_html
from webhook.settings import Settings
from webhook.store import Store, demand
from webhook.store.health import owed

DAY = 86400
FORMATS = ("csv", "geojson", "html")


def add_to(commands: Commands) -> None:
    parser = add_command(commands, "demand", _run, "where customers ask for fibre, and where there is none")
    parser.add_argument(
        "--since", metavar="DAYS", type=_days, default=30, help="as 30d, which is the default"
    )
    parser.add_argument("--format", choices=FORMATS, default="csv")
    parser.add_argument("--tenant", metavar="SLUG", help="only this ISP of TENANTS_FILE")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write it there, not to the terminal")


def _days(text: str) -> int:
    if not (match := re.fullmatch(r"(\d{1,3})d", text)) or not int(match[1]):
        raise argparse.ArgumentTypeError("is a number of days, as 30d")
    return int(match[1])


def _report(
    settings: Settings, store: Store, tenants: Sequence[Tenant], arguments: argparse.Namespace
) -> str:
    slugs, now = [one.slug for one in tenants], time.time()
    since = demand.day_of(now - (arguments.since - 1) * DAY)
    cells: Sequence[Cell] = shown(demand.cells(store, since, slugs))
    if arguments.format == "csv":
        return as_csv(cells)
    if arguments.format == "geojson":
        return as_geojson(cells)
    steps = demand.steps(store, since, slugs)
    (tenant,) = tenants
    report = Report(tenant, since, demand.day_of(now), cells, steps, owed(store, tenant.slug))
    return as_html(report, settings.tiles)


def _run(settings: Settings, store: Store, arguments: argparse.Namespace) -> int:
    tenants = [one for one in settings.tenants if arguments.tenant in {None, one.slug}]
    if not tenants:
        print(f"--tenant: no such ISP in the settings: {arguments.tenant}", file=sys.stderr)
        return 1
    if arguments.format == "html" and len(tenants) > 1:
        slugs = ", ".join(one.slug for one in tenants)
        print(f"--format html is a report about one ISP: choose it with --tenant: {slugs}", file=sys.stderr)
        return 1
    text = _report(settings, store, tenants, arguments)
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"--out: {arguments.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0
