"""python -m webhook locate TEXT: how a location is read, step by step. Nobody is asked without --ask."""

import argparse
import re
from collections.abc import Iterator

from schemas.countries import COUNTRIES, Area
from schemas.point import Point
from schemas.request import LocationRequest
from webhook import address_search
from webhook.cli import Commands
from webhook.location.place import Place, Precision
from webhook.location.readers import address, in_json, links, objects, plain, plus_code, read, steps, text
from webhook.location.readers.pair import settle
from webhook.location.resolve import Locator
from webhook.location.short_links import ShortLinks
from webhook.net.deadline import Deadline
from webhook.outcomes import Answer
from webhook.settings import Settings, load

ASK_TIMEOUT = 20.0
"""Seconds for short links, the CEP service and the geocoder."""
_READERS = {"objects": "objeto", "links": "links", "plus_code": "Plus Code", "text": "texto"}


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("locate", help="show how a location is read (in Portuguese)")
    parser.add_argument("text", metavar="TEXT", help="what the customer sent: words, a link, JSON")
    parser.add_argument(
        "--ask", action="store_true", help="follow short links and ask the geocoder, with the settings"
    )
    parser._negative_number_matcher = re.compile("-[^-]")  # a text may begin with a minus and have no blank
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the steps; 0 if they end with a place."""
    settings = load() if arguments.ask else None
    country = settings.tenants[0].country.area if settings else COUNTRIES["br"].area
    print(*_read(arguments.text, country), sep="\n")
    if settings:
        answer = _asked(arguments.text, settings)
        print(f"resposta: {_place(answer) if isinstance(answer, Place) else answer.outcome.code}")
        return 0 if isinstance(answer, Place) else 1
    found = read(arguments.text, country)
    if not found:
        print(*_without_point(arguments.text), sep="\n")
    return 0 if found and Precision.of(found.metres) is Precision.EXACT else 1


def _asked(value: str, settings: Settings) -> Place | Answer:
    locator = Locator(ShortLinks(), address_search(settings), lambda *_: None)
    return locator.resolve(LocationRequest(location=value), settings.tenants[0], "", Deadline(ASK_TIMEOUT))


def _place(place: Place) -> str:
    return f"{_degrees(place.point)} ({place.precision}) {place.address or ''}".strip()


def _degrees(point: Point) -> str:
    return f"{point.lat:.6f}, {point.lng:.6f}"


def _read(value: str, country: Area) -> Iterator[str]:
    """What each reader finds, up to the one that decides."""
    yield f"lido como: {plain(value) or '(longo demais, ou vazio)'}"
    for step in steps(value):
        name = " > ".join(_READERS[reader] for reader in step.reader.split())
        if not step.pairs:
            yield f"{name}: nada"
            continue
        for pair in step.pairs:
            found = settle(pair, country)
            where = _degrees((found or pair).point) + ("" if found else ": fora do país")
            yield f"{name}: {where} (a escrita deixa {pair.metres:.1f} m em aberto)"
        if step.metres:
            yield f"{name}: precisão informada de {step.metres:g} m"
        break
    if found := read(value, country):
        precision = Precision.of(found.metres)
        verdict = "" if precision is Precision.EXACT else ": é uma região, e o cliente é perguntado de novo"
        yield f"lugar: {_degrees(found.point)}, {found.metres:.1f} m ({precision}){verdict}"


def _without_point(value: str) -> Iterator[str]:
    """What of a text without a point would go to the geocoder."""
    inner = in_json(value)
    message = objects.said(inner) if isinstance(inner, dict | list) else value
    line = plain(message)
    words = next(links.addresses(line), "") or links.without_links(message)
    if ShortLinks().first(line):
        yield "link curto: só --ask mostra aonde ele leva"
    if code := plus_code.short(words):
        yield f"Plus Code curto: {code[0]}, perto de {code[1].strip(' ,') or '(falta a cidade)'}"
        return
    parts = address.parse(words)
    if text.is_meant(plain(words)) or not address.is_address(parts, words):
        yield "nem lugar nem endereço: localizacao_nao_entendida, e nada vai ao mapa"
        return
    yield f"endereço: {parts}"
    yield f"pergunta ao mapa: {parts.query() or '(o endereço do CEP)'}"
