"""A flow as pictures: SVG without style or script, in strips that fit on a printed page.

Each step is in the row below the first step that leads to it. Only edges to the next row are lines. All other
edges are text in the step's box, with the number of their target: sixty steps full of lines show nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from webhook.flows.definition import Condition, End, Flow, HandOver, Question, Request, Step

WIDTH, LINE, PADDING = 200, 15, 8
GAP_X, GAP_Y = 24, 44
MARGIN = 4
ROWS = 8
"""Rows in a strip."""
LONGEST, LONGEST_LABEL = 30, 20
"""Characters of a line in a box, and of a label beside an arrow."""

_COLOURS: Mapping[type[Step], str] = {
    Question: "#fff3d6",
    Request: "#dcebfa",
    Condition: "#ececec",
    HandOver: "#f9dede",
    End: "#d9f2e0",
}


def draw(flow: Flow) -> list[str]:
    """The strips, from the start of the flow on."""
    rows = list(_rows(flow))
    return [_strip(flow, rows[first : first + ROWS]) for first in range(0, len(rows), ROWS)]


def numbers(flow: Flow) -> dict[str, int]:
    """Step id to the step's number in guides and pictures."""
    return {step.id: number for number, step in enumerate(flow.steps, start=1)}


def _rows(flow: Flow) -> Iterator[list[Step]]:
    """The steps by their distance from the start."""
    by_id = flow.by_id
    row, seen = [by_id[flow.start]], {flow.start}
    while row:
        yield row
        # A dict and not a set: it keeps the order of the edges.
        following = dict.fromkeys(target for step in row for target in step.edges.values())
        row = [by_id[id_] for id_ in following if id_ not in seen]
        seen |= following.keys()


@dataclass(frozen=True)
class _Box:
    """A step in the picture."""

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


def _strip(flow: Flow, rows: list[list[Step]]) -> str:
    """Some consecutive rows as one picture."""
    row_of = {step.id: n for n, row in enumerate(rows) for step in row}
    drawn = [
        (step.id, label, target)
        for row in rows
        for step in row
        for label, target in step.edges.items()
        if row_of.get(target) == row_of[step.id] + 1
    ]
    number = numbers(flow)
    width = max(len(row) for row in rows) * (WIDTH + GAP_X) + GAP_X
    boxes = _boxes(rows, width, number, drawn)
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' font-family="sans-serif" font-size="11" role="img"><title>{escape(flow.title)}: do passo'
        f" {number[rows[0][0].id]} em diante</title>"
        + "".join(_arrow(boxes[id_], boxes[target], label) for id_, label, target in drawn)
        + "".join(box.svg() for box in boxes.values())
        + "</svg>"
    )


def _boxes(
    rows: list[list[Step]], width: int, number: dict[str, int], drawn: list[tuple[str, str, str]]
) -> dict[str, _Box]:
    boxes: dict[str, _Box] = {}
    y = float(MARGIN)
    for row in rows:
        # Rows are centred.
        left = (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for column, step in enumerate(row):
            lines = [f"{number[step.id]}. {_name(step)}", step.id]
            lines += [
                f"→ {number[target]}{f': {label}' if label else ''}"
                for label, target in step.edges.items()
                if (step.id, label, target) not in drawn
            ]
            colour = _COLOURS.get(type(step), "#ffffff")
            boxes[step.id] = _Box(left + column * (WIDTH + GAP_X), y, lines, colour)
        y += max(boxes[step.id].height for step in row) + GAP_Y
    return boxes


def _arrow(start: _Box, end: _Box, label: str) -> str:
    x1, y1 = start.x + WIDTH / 2, start.y + start.height
    x2, y2 = end.x + WIDTH / 2, end.y
    # Nearer to the end, where the edges out of one step are apart.
    label_x, label_y = x1 + (x2 - x1) * 0.7, y1 + (y2 - y1) * 0.7
    place = f'x="{label_x}" y="{label_y}" text-anchor="middle" fill="#0a4a8f"'
    text = f"<text {place}>{escape(_short(label, LONGEST_LABEL))}</text>" if label else ""
    head = f"M {x2 - 4} {y2 - 7} L {x2} {y2} L {x2 + 4} {y2 - 7}"
    return f'<path d="M {x1} {y1} L {x2} {y2} {head}" fill="none" stroke="#555"/>{text}'


def _name(step: Step) -> str:
    match step:
        case Question():
            return f"Pergunta: {step.variable}"
        case Request():
            host_and_path = step.url.partition("://")[2] or step.url
            return "Chama " + host_and_path.split("/", 2)[-1]
        case Condition():
            return f"Se {step.variable}"
        case End() | HandOver():
            return step.action.partition(" ")[0]
    return step.action


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
