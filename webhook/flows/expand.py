"""Makes a flow of a conversation: one block after the other, as a platform's builder has them.

Builders neither count nor compare numbers. A step with `tentativas` becomes as many blocks, and with it every
step that lies between two of them: `pede`, `pede_2`, `pede_3`.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from itertools import count

from schemas.unfilled import squeezed, unaccented
from webhook.flows.definition import (
    TEXT,
    Case,
    Condition,
    End,
    Flow,
    HandOver,
    Message,
    Pause,
    Question,
    Request,
    Step,
    reachable,
)
from webhook.flows.dialogue import (
    Ask,
    Branching,
    Call,
    Choose,
    Dialogue,
    Finish,
    Piece,
    Repeated,
    Say,
    ToPerson,
    Wait,
)

CODE = "codigo"
MOST_COPIES = 1000
"""Of all steps together. Ours need less than a tenth of it."""
_Counts = frozenset[tuple[str, int]]
"""How often the customer has met each repeated step that may come again."""


class TooLong(Exception):
    """Steps with `tentativas` that lead to each other would be too many blocks; the text names one."""


def expand(dialogue: Dialogue) -> Flow:
    """The flow. Every edge of the conversation must lead to a step. Raises TooLong."""
    return Flow(
        dialogue.name, dialogue.title, tuple(_Expansion(dialogue).steps()), tuple(dialogue.person_words)
    )


class _Expansion:
    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue, self._pieces = dialogue, dialogue.steps
        self._limits = {
            id_: piece for id_, piece in dialogue.steps.items() if isinstance(piece, Repeated) and piece.times
        }
        targets = {id_: piece.edges.values() for id_, piece in dialogue.steps.items()}
        self._after = {id_: reachable(direct, targets) for id_, direct in targets.items()}
        """The steps that may come after each; itself among them only if a way leads back."""
        self._names: dict[tuple[str, _Counts], str] = {}
        self._taken: set[str] = set()
        self._waiting: deque[tuple[str, _Counts]] = deque()

    def steps(self) -> Iterator[Step]:
        self._enter(self._dialogue.start, frozenset())
        while self._waiting:
            node = self._waiting.popleft()
            yield from self._blocks(self._pieces[node[0]], self._names[node], node[1])

    def _enter(self, target: str, counts: _Counts) -> str:
        """The id of the block that an edge to `target` leads to, for a customer with these counts."""
        met = dict(counts)
        while (limit := self._limits.get(target)) and met.get(target, 0) >= limit.times:
            target = limit.exhausted
        if target in self._limits:
            met[target] = met.get(target, 0) + 1
        # Steps that cannot come again need no count, so all ways to a step share its block.
        node = target, frozenset((id_, n) for id_, n in met.items() if id_ in self._after[target])
        if node not in self._names:
            if len(self._names) == MOST_COPIES:
                raise TooLong(target)
            self._names[node] = self._new_name(target, self._pieces.keys() - {target})
            self._waiting.append(node)
        return self._names[node]

    def _new_name(self, wanted: str, of_others: Iterable[str]) -> str:
        """`wanted`, with a number behind it where another block has that name or is going to have it."""
        taken = self._taken.union(of_others)
        copies = (f"{wanted}_{n}" if n > 1 else wanted for n in count(1))
        name = next(name for name in copies if name not in taken)
        self._taken.add(name)
        return name

    def _second(self, id_: str, suffix: str) -> str:
        """The name of a further block of the same step."""
        return self._new_name(f"{id_}_{suffix}", self._pieces)

    def _blocks(self, piece: Piece, id_: str, counts: _Counts) -> Iterator[Step]:
        match piece:
            case Ask():
                yield from self._question(piece, id_, counts)
            case Call():
                yield from self._request(piece, id_, counts)
            case Choose():
                yield self._condition(piece, id_, piece.variable, counts)
            case Wait():
                rest = yield from self._text_first(piece, piece.text, id_, "pausa")
                yield Pause(rest, piece.id, self._enter(piece.next, counts), seconds=piece.seconds)
            case Say():
                yield Message(id_, piece.id, self._enter(piece.next, counts), text=piece.text)
            case ToPerson() | Finish():
                rest = yield from self._text_first(piece, piece.text, id_, "fim")
                yield (HandOver if isinstance(piece, ToPerson) else End)(rest, piece.id)

    def _question(self, ask: Ask, id_: str, counts: _Counts) -> Iterator[Step]:
        first = dict(counts).get(ask.id, 1) == 1
        text = ask.text if first or not ask.again else ask.again
        branches = ask.options or self._dialogue.person
        following = self._second(id_, "resposta") if branches else self._enter(ask.next, counts)
        yield Question(
            id_,
            ask.id,
            following,
            text=text,
            variable=ask.variable,
            needs=ask.needs,
            options=tuple(ask.options),
            help=ask.help,
        )
        if branches:
            cases = tuple(self._answers(ask, counts))
            otherwise = ask.next or (ask.id if ask.times else self._dialogue.person)
            yield Condition(
                following, ask.id, self._enter(otherwise, counts), variable=ask.variable, cases=cases
            )

    def _answers(self, ask: Ask, counts: _Counts) -> Iterator[Case]:
        """The options, and the words for a person; each also as a keyboard without accents writes it."""
        known = {squeezed(label) for label in ask.options}
        for number, (label, target) in enumerate(ask.options.items(), start=1):
            # Options beside a free answer are no buttons, but lines with a number in the text.
            named = [label] if ask.needs == TEXT else [label, str(number)]
            yield Case(_spellings(named), self._enter(target, counts))
        words = [word for word in self._dialogue.person_words if squeezed(word) not in known]
        if words:
            yield Case(_spellings(words), self._enter(self._dialogue.person, counts))

    def _request(self, call: Call, id_: str, counts: _Counts) -> Iterator[Step]:
        following = self._enter(call.next, counts) if call.next else self._second(id_, "codigo")
        codes = () if call.next else (CODE, "mensagem")
        yield Request(
            id_,
            call.id,
            following,
            calls=call.action,
            values={name: f"{{{name}}}" for name in call.sends} | dict(call.fixed),
            captures=(*codes, *call.captures),
        )
        if not call.next:
            yield self._condition(call, following, CODE, counts)

    def _condition(self, piece: Branching, id_: str, variable: str, counts: _Counts) -> Condition:
        cases = tuple(Case(tuple(values), self._enter(to, counts)) for to, values in piece.cases.items())
        return Condition(id_, piece.id, self._enter(piece.otherwise, counts), variable=variable, cases=cases)

    def _text_first(self, piece: Piece, text: str, id_: str, suffix: str) -> Generator[Step, None, str]:
        """Yields a message before a block, if there is a text; returns the id that is left for the block."""
        if not text:
            return id_
        following = self._second(id_, suffix)
        yield Message(id_, piece.id, following, text=text)
        return following


def _spellings(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for text in texts for one in (text, unaccented(text))))
