"""JMESPath over OZmap's answers, with one function of our own. Searching never raises."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from marshmallow import ValidationError

from schemas.ozmap import SPLITTERS


class _Functions(functions.Functions):
    @functions.signature({"types": ["array"]})
    def _func_portas_livres(self, splitters: Sequence[Mapping[str, object]]) -> int | None:
        """Free ports of splitters: outputs that take a customer, not connected, not blocked."""
        try:
            loaded = SPLITTERS.read_list(splitters)
        except ValidationError:
            return None
        return sum(splitter.free_ports for splitter in loaded)


_OPTIONS = jmespath.Options(custom_functions=_Functions())


class Expression:
    """A compiled expression. Raises ValidationError if the text is not one, or calls an unknown function."""

    def __init__(self, text: str) -> None:
        try:
            self._compiled = jmespath.compile(text)
        except (JMESPathError, RecursionError) as error:
            raise ValidationError(f"is no JMESPath expression: {' '.join(str(error).split())}") from None
        # jmespath itself would only complain at the first search: too late for a mistake in a file.
        for name in _called_functions(self._compiled.parsed):
            if name not in _Functions.FUNCTION_TABLE:
                raise ValidationError(f"is no JMESPath expression: there is no function {name}")

    def search(self, answer: object, otherwise: object = None) -> object:
        """The value, None if there is none; `otherwise` if the answer is not what the expression expects."""
        try:
            value: object = self._compiled.search(answer, _OPTIONS)
        except Exception:  # whatever JMESPath's functions raise where a value is not what they expect
            return otherwise
        return value


def _called_functions(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "function_expression":
        yield node["value"]
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _called_functions(child)
