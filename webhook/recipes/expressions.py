"""JMESPath over OZmap's answers, with one function of the field's own, and never an error while searching."""

from collections.abc import Iterator
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from marshmallow import ValidationError, fields

from schemas.ozmap import Splitter, SplitterSchema

PLAIN_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What JMESPath's functions and comparisons raise beside its own, where a value is not what they expect."""

_SPLITTERS = SplitterSchema(many=True)


class _Functions(functions.Functions):
    @functions.signature({"types": ["array"]})
    def _func_portas_livres(self, splitters: list[Any]) -> int | None:
        """Free ports of splitters: outputs that take a customer, not connected, not blocked."""
        try:
            loaded: list[Splitter] = _SPLITTERS.load(splitters)
        except ValidationError:
            return None
        return sum(splitter.free_ports for splitter in loaded)


_OPTIONS = jmespath.Options(custom_functions=_Functions())


class Expression:
    """A compiled expression. Raises ValidationError for a text that is none, or calls an unknown function."""

    def __init__(self, text: str) -> None:
        try:
            self._compiled = jmespath.compile(text)
        except (JMESPathError, RecursionError) as error:
            raise ValidationError(f"is no JMESPath expression: {' '.join(str(error).split())}") from None
        for name in _called(self._compiled.parsed):
            if name not in _Functions.FUNCTION_TABLE:
                raise ValidationError(f"is no JMESPath expression: there is no function {name}")

    def search(self, answer: Any) -> Any:
        """What the expression finds; None where it finds nothing, or the answer is not what it expects."""
        try:
            return self._compiled.search(answer, _OPTIONS)
        except (JMESPathError, *PLAIN_ERRORS):
            return None

    def holds(self, answer: Any) -> bool | None:
        """Whether it is true of the answer; None where the answer is not what it expects."""
        try:
            return self._compiled.search(answer, _OPTIONS) is True
        except (JMESPathError, *PLAIN_ERRORS):
            return None


def _called(node: Any) -> Iterator[str]:
    if node["type"] == "function_expression":
        yield node["value"]
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _called(child)


class ExpressionField(fields.Field[Expression]):
    """An expression in a file."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Expression:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError("must be a JMESPath expression")
        return Expression(value)
