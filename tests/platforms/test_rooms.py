"""No room knows a platform: what differs between platforms is in webhook/platforms."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webhook.platforms import PLATFORMS

ROOT = Path(__file__).parents[2]
MAY_NAME_THEM = ("webhook/platforms/", "webhook/settings", "schemas/tenants.py")
"""The settings' names begin with a platform's."""


def words(tree: ast.AST) -> Iterator[str]:
    """Names and texts, without comments and docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in docs:
            yield from (value for _, value in ast.iter_fields(node) if isinstance(value, str))


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS)
def test_no_room_names_a_platform(platform):
    files = [file for room in ("webhook", "schemas") for file in sorted((ROOT / room).rglob("*.py"))]
    assert files
    names = {platform.name, platform.brand.lower()}
    found = [
        (path, word)
        for file in files
        if not (path := str(file.relative_to(ROOT))).startswith(MAY_NAME_THEM)
        for word in words(ast.parse(file.read_text()))
        if any(name in word.lower() for name in names)
    ]
    assert found == []
