"""A flow as pictures: SVG without style or script, in strips that a sheet of paper holds.

Each step is a row below the first that leads to it. Only ways to the next row are lines; the others are
written in the step, with the number of where they lead, since sixty steps full of lines show nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from webhook.flows.definition import Condition, End, Flow, HandOver, Question, Request, Step

WIDTH, LINE, PADDING = 200, 15, 8
GAP_X, GAP_Y = 24, 44
STRIP = 8
"""Rows in a picture."""
LONGEST, LONGEST_WAY = 30, 20
"""Characters of a line in a box, and beside an arrow."""

_COLOURS: Mapping[str, str] = {
    "Enviar pergunta": "#fff3d6",
    "Enviar requisição": "#dcebfa",
    "Condicional": "#ececec",
    "Transferir para atendente": "#f9dede",
    "Finalizar atendimento": "#d9f2e0",
}


@dataclass(frozen=True)
class _Box:
    """A step's place; `lines` is what stands in it."""

    x: float
    y: float
    lines: list[str]
    colour: str

    @property
    def height(self) -> int:
        return len(self.lines) * LINE + 2 * PADDING

    def svg(self) -> str:
        texts = "".join(
            f'<text x="{self.x + PADDING}" y="{self.y + PADDING + LINE * n - 4}"'
            f' font-weight="{"bold" if n == 1 else "normal"}">{escape(_short(line, LONGEST))}</text>'
            for n, line in enumerate(self.lines, start=1)
        )
        return (
            f'<rect x="{self.x}" y="{self.y}" width="{WIDTH}" height="{self.height}" rx="6"'
            f' fill="{self.colour}" stroke="#555"/>{texts}'
        )


def draw(flow: Flow) -> list[str]:
    """The pictures, from the start on."""
    rows = list(_rows(flow))
    return [_strip(flow, rows[first : first + STRIP]) for first in range(0, len(rows), STRIP)]


def numbers(flow: Flow) -> dict[str, int]:
    """Step id to its number, as guides and pictures count them."""
    return {step.id: number for number, step in enumerate(flow.steps, start=1)}


def _rows(flow: Flow) -> Iterator[list[Step]]:
    """By the fewest steps from the start."""
    by_id = {step.id: step for step in flow.steps}
    row, seen = [by_id[flow.start]], {flow.start}
    while row:
        yield row
        following = dict.fromkeys(target for step in row for target in step.edges.values())
        row = [by_id[id_] for id_ in following if id_ not in seen]
        seen |= following.keys()


def _strip(flow: Flow, rows: list[list[Step]]) -> str:
    number = numbers(flow)
    widest = max(len(row) for row in rows)
    width = widest * (WIDTH + GAP_X) + GAP_X
    depth = {step.id: n for n, row in enumerate(rows) for step in row}
    boxes: dict[str, _Box] = {}
    y = 4.0
    for n, row in enumerate(rows):
        left = (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for place, step in enumerate(row):
            away = [(said, to) for said, to in step.edges.items() if depth.get(to) != n + 1]
            lines = [f"{number[step.id]}. {_name(step)}", step.id]
            lines += [f"→ {number[to]}{f': {said}' if said else ''}" for said, to in away]
            colour = _COLOURS.get(step.action, "#ffffff")
            boxes[step.id] = _Box(left + place * (WIDTH + GAP_X), y, lines, colour)
        y += max(boxes[step.id].height for step in row) + GAP_Y
    ways = [
        _line(boxes[step.id], boxes[to], said)
        for n, row in enumerate(rows)
        for step in row
        for said, to in step.edges.items()
        if depth.get(to) == n + 1
    ]
    height = y - GAP_Y + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' font-family="sans-serif" font-size="11" role="img"><title>{escape(flow.title)}: do passo'
        f" {number[rows[0][0].id]} em diante</title>"
        + "".join(ways)
        + "".join(box.svg() for box in boxes.values())
        + "</svg>"
    )


def _line(start: _Box, end: _Box, said: str) -> str:
    x1, y1 = start.x + WIDTH / 2, start.y + start.height
    x2, y2 = end.x + WIDTH / 2, end.y
    # Nearer to its end, where the ways out of one step are apart.
    at_x, at_y = x1 + (x2 - x1) * 0.7, y1 + (y2 - y1) * 0.7
    place = f'x="{at_x}" y="{at_y}" text-anchor="middle" fill="#0a4a8f"'
    label = f"<text {place}>{escape(_short(said, LONGEST_WAY))}</text>" if said else ""
    head = f"M {x2 - 4} {y2 - 7} L {x2} {y2} L {x2 + 4} {y2 - 7}"
    return f'<path d="M {x1} {y1} L {x2} {y2} {head}" fill="none" stroke="#555"/>{label}'


def _name(step: Step) -> str:
    if isinstance(step, Question):
        return f"Pergunta: {step.variable}"
    if isinstance(step, Request):
        host_and_path = step.url.partition("://")[2] or step.url
        return "Chama " + host_and_path.split("/", 2)[-1]
    if isinstance(step, Condition):
        return f"Se {step.variable}"
    if isinstance(step, End | HandOver):
        return step.action.partition(" ")[0]
    return step.action


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
