"""Reads a build guide as its reader does: the steps' headings and settings, and nothing else of the flow."""

import re
from html.parser import HTMLParser
from typing import Any

from webhook.flows.definition import Case, Condition, End, HandOver, Message, Pause, Question, Request, Step

HEADING = re.compile(r"(\d+)\. (.+?) \((\w+)\)")
CALLS = re.compile(r"/(?:huggy|fivehub)/(.+)")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[str, list[tuple[str, str]]]] = []
        self._in: list[str] = []
        self._text = self._label = ""

    def handle_starttag(self, tag, attributes):
        if tag == "section":
            self._in.append("section")
        if tag in {"h3", "th", "code"}:
            self._text = ""

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        if tag == "section":
            self._in.pop()
        if not self._in:
            return
        if tag == "h3":
            self.steps.append((self._text, []))
        elif tag == "th":
            self._label = self._text
        elif tag == "code":
            self.steps[-1][1].append((self._label, self._text))


def steps_of(html: str) -> tuple[Step, ...]:
    """What somebody builds who follows the guide. A block does not know which step it was made from."""
    reader = _Reader()
    reader.feed(html)
    ids = {}
    for heading, _ in reader.steps:
        number, _, id_ = HEADING.fullmatch(heading).groups()
        ids[f"Passo {number}"] = id_
    return tuple(_step(heading, settings, ids) for heading, settings in reader.steps)


def calls_of(html: str) -> list[tuple[str, str, dict[str, str]]]:
    """Method, URL and headers of each request."""
    reader = _Reader()
    reader.feed(html)
    return [
        (dict(settings)["Método"], dict(settings)["URL"], _rows(settings, "Cabeçalho: "))
        for _, settings in reader.steps
        if "URL" in dict(settings)
    ]


def _rows(settings: list[tuple[str, str]], label: str) -> dict[str, str]:
    return {name.removeprefix(label): value for name, value in settings if name.startswith(label)}


def _step(heading: str, settings: list[tuple[str, str]], ids: dict[str, str]) -> Step:
    _, action, id_ = HEADING.fullmatch(heading).groups()
    one = dict(settings)

    def many(label: str) -> tuple[str, ...]:
        return tuple(value for name, value in settings if name == label)

    common: dict[str, Any] = {"id": id_, "origin": ""}
    if "Depois" in one:
        common["next"] = ids[one["Depois"]]
    if action == Condition.action:
        cases = [
            Case(tuple(value.split("\n")), ids[name.removesuffix(", se for")])
            for name, value in settings
            if name.endswith(", se for")
        ]
        return Condition(id_, "", ids[one["Senão"]], variable=one["Variável"], cases=tuple(cases))
    if action == Question.action:
        return Question(
            **common,
            text=one["Texto"],
            variable=one["Variável"],
            needs=one["Resposta"],
            options=many("Botão"),
        )
    if action == Request.action:
        return Request(
            **common,
            calls=CALLS.search(one["URL"])[1],
            values=_rows(settings, "Corpo: "),
            captures=many("Processar resposta"),
        )
    kinds = {kind.action: kind for kind in (Message, Pause, HandOver, End)}
    if action == Message.action:
        common["text"] = one["Texto"]
    if action == Pause.action:
        common["seconds"] = int(one["Segundos"])
    return kinds[action](**common)
