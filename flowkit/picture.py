"""A flow or a conversation as pictures: SVG without style or script, in strips that fit on a printed page.

Each step is in the row below the first step that leads to it. Only edges to the next row are lines. All other
edges are text in the step's box, with the number of their target: sixty steps full of lines show nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from webhook.flows.definition import Condition, End, Flow, HandOver, Question, Request, Step
from webhook.flows.dialogue import Ask, Call, Choose, Dialogue, Finish, Piece, ToPerson, Wait

Drawn: TypeAlias = Step | Piece

WIDTH, LINE, PADDING = 200, 15, 8
GAP_X, GAP_Y = 24, 52
MARGIN = 4
ROWS = 8
"""Rows in a strip."""
LONGEST, LONGEST_LABEL = 30, 20
"""Characters of a line in a box, and of a label beside an arrow."""

_COLOURS: Mapping[type[Drawn], str] = {
    **dict.fromkeys((Question, Ask), "#fff3d6"),
    **dict.fromkeys((Request, Call), "#dcebfa"),
    **dict.fromkeys((Condition, Choose), "#ececec"),
    **dict.fromkeys((HandOver, ToPerson), "#f9dede"),
    **dict.fromkeys((End, Finish), "#d9f2e0"),
}


def draw(flow: Flow | Dialogue) -> list[str]:
    """The strips, from the start of the flow on. A step's group has its id as `data-step`."""
    rows = list(_rows(flow))
    return [_strip(flow, rows[first : first + ROWS]) for first in range(0, len(rows), ROWS)]


def numbers(flow: Flow | Dialogue) -> dict[str, int]:
    """Step id to the step's number in guides and pictures."""
    return {id_: number for number, id_ in enumerate(_by_id(flow), start=1)}


def _by_id(flow: Flow | Dialogue) -> Mapping[str, Drawn]:
    return flow.by_id if isinstance(flow, Flow) else flow.steps


def _rows(flow: Flow | Dialogue) -> Iterator[list[Drawn]]:
    """The steps by their distance from the start."""
    by_id = _by_id(flow)
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

    id: str
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
            f'<g data-step="{escape(self.id)}">'
            f'<rect x="{self.x}" y="{self.y}" width="{WIDTH}" height="{self.height}" rx="6"'
            f' fill="{self.colour}" stroke="#555"/>{texts}</g>'
        )


def _strip(flow: Flow | Dialogue, rows: list[list[Drawn]]) -> str:
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
        + "".join(_arrow(boxes[id_], boxes[target]) for id_, _, target in drawn)
        + "".join(_label(boxes[id_], boxes[target], label) for id_, label, target in drawn if label)
        + "".join(box.svg() for box in boxes.values())
        + "</svg>"
    )


def _boxes(
    rows: list[list[Drawn]], width: int, number: dict[str, int], drawn: list[tuple[str, str, str]]
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
            boxes[step.id] = _Box(step.id, left + column * (WIDTH + GAP_X), y, lines, colour)
        y += max(boxes[step.id].height for step in row) + GAP_Y
    return boxes


def _ends(start: _Box, end: _Box) -> tuple[float, float, float, float]:
    return start.x + WIDTH / 2, start.y + start.height, end.x + WIDTH / 2, end.y


def _arrow(start: _Box, end: _Box) -> str:
    x1, y1, x2, y2 = _ends(start, end)
    head = f"M {x2 - 4} {y2 - 7} L {x2} {y2} L {x2 + 4} {y2 - 7}"
    return f'<path d="M {x1} {y1} L {x2} {y2} {head}" fill="none" stroke="#555"/>'


def _label(start: _Box, end: _Box, label: str) -> str:
    """Beside the arrow, on a line of its own for each of three neighbours: their labels would overlap."""
    x1, y1, x2, y2 = _ends(start, end)
    along = (0.5, 0.68, 0.86)[int(start.x // (WIDTH + GAP_X)) % 3]
    place = f'x="{x1 + (x2 - x1) * along:.0f}" y="{y1 + (y2 - y1) * along:.0f}"'
    looks = 'text-anchor="middle" fill="#0a4a8f" stroke="#fff" stroke-width="3" paint-order="stroke"'
    return f"<text {place} {looks}>{escape(_short(label, LONGEST_LABEL))}</text>"


def _name(step: Drawn) -> str:
    return _name_of_piece(step) if isinstance(step, Piece) else _name_of_block(step)


def _name_of_block(step: Step) -> str:
    match step:
        case Question():
            return f"Pergunta: {step.variable}"
        case Request():
            return f"Chama {step.calls}"
        case Condition():
            return f"Se {step.variable}"
        case End() | HandOver():
            return step.action.partition(" ")[0]
    return step.action


def _name_of_piece(piece: Piece) -> str:
    """In the words of the conversation's file."""
    verb = piece.verb.capitalize()
    match piece:
        case Ask() | Choose():
            return f"{verb}: {piece.variable}"
        case Call():
            return f"{verb}: {piece.action}"
        case Wait():
            return f"{verb}: {piece.seconds} s"
    return verb


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
