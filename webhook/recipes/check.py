"""Mistakes that no value of a recipe's file shows alone.

The checks look at the file as it was written, not at what was loaded: one mistake must not hide another.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from schemas.messages import Path
from webhook.platforms import PLATFORMS
from webhook.recipes.inputs import REQUEST_KEYS
from webhook.recipes.model import MOST_ITEMS, numbered
from webhook.recipes.templates import placeholders


def mistakes(file: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    """Each mistake with the path to it."""
    yield from _unknown_placeholders(file)
    yield from _unfit_keys(file)
    platforms = file.get("plataformas")
    for name in platforms if isinstance(platforms, list) else []:
        if isinstance(name, str) and name not in PLATFORMS:
            yield ("plataformas",), f"{name} is no platform: {' | '.join(PLATFORMS)}"


def _unknown_placeholders(file: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    sent = REQUEST_KEYS.keys() | _table(file, "entrada").keys()
    # Only the main read may use the keys of the read before it.
    made = _table(file, "antes", "chaves").keys()
    for above, known in (("antes",), sent), ((), sent | made):
        read = _table(file, *above)
        templates: list[tuple[Path, object]] = [(("caminho",), read.get("caminho"))]
        templates += [(("parametros", name), value) for name, value in _table(read, "parametros").items()]
        for path, template in templates:
            for name in placeholders(template):
                if name not in known:
                    yield (*above, *path), f"{{{name}}} is no request key: declare it under [entrada]"


def _keys(file: Mapping[str, object]) -> list[tuple[Path, str]]:
    """Each key of the replies, and where the file has it."""
    keys: list[tuple[Path, str]] = [
        ((*table, key), key) for table in (("antes", "chaves"), ("chaves",)) for key in _table(file, *table)
    ]
    spread = _table(file, "lista")
    # A number of items that is wrong is reported by its field; nothing can be numbered with it.
    if isinstance(most := spread.get("ate"), int) and 0 < most <= MOST_ITEMS:
        names = numbered(str(spread.get("nome")), most, _table(spread, "chaves"))
        keys += [(("lista",), key) for key in names]
    return keys


def _unfit_keys(file: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    keys = _keys(file)
    if not keys:
        yield ("chaves",), "is missing: a recipe without keys says nothing"
    count = Counter(key for _, key in keys)
    for path, key in keys:
        if count[key] > 1 and path != ("lista",):
            yield path, "stands twice"
    for name in placeholders(file.get("mensagem")):
        if name not in count:
            yield ("mensagem",), f"{{{name}}} is no key of this recipe"


def _table(file: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """The table at these keys; an empty one if something else is there."""
    value: object = file
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}
