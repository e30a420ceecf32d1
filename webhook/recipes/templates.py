"""The request keys that a recipe names in braces, in its path, its parameters and its message."""

import re
from collections.abc import Iterator, Mapping

# JSON text has a quote or a colon after its brace, so it is no placeholder.
PLACEHOLDER = re.compile(r"""\{([^{}":]*)\}""")


def placeholders(template: object) -> Iterator[str]:
    """The names in braces in a text, or in the texts of a table or array."""
    if isinstance(template, str):
        yield from (match[1] for match in PLACEHOLDER.finditer(template))
    elif isinstance(template, Mapping | list):
        for inner in template.values() if isinstance(template, Mapping) else template:
            yield from placeholders(inner)


def filled(template: object, values: Mapping[str, object]) -> object:
    """A copy with the names in braces replaced. A text that is nothing but a name keeps its value's type."""
    if isinstance(template, str):
        if (whole := PLACEHOLDER.fullmatch(template)) is not None:
            return values[whole[1]]
        return PLACEHOLDER.sub(lambda match: str(values[match[1]]), template)
    if isinstance(template, Mapping):
        return {key: filled(inner, values) for key, inner in template.items()}
    return [filled(inner, values) for inner in template] if isinstance(template, list) else template
