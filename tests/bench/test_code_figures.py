"""The figures of our code count what they say."""

from bench import code_figures
from bench.code_figures import measure

SOURCE = '''"""A docstring."""

from typing import Any

LIMIT = 7
"""Text below an attribute is a docstring too."""
TEXT = """first line

third line"""


# Why it is so.
def odd(one: Any, two: int) -> bool:
    """Of
    two lines."""
    if one and two:  # beside code
        return [n for n in range(two) if n] == one  # type: ignore[any]
    return False
'''


def test_a_module_is_counted():
    module = measure(SOURCE)
    assert (module.lines, module.code, module.comments) == (18, 8, 1)
    assert (module.any_lines, module.type_ignores) == (1, 1)
    assert (module.functions, module.complexities) == ([6], [5])


def test_the_table(capsys):
    code_figures.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| | webhook + schemas | flowkit |"
    assert all(line.count("|") == 4 for line in lines[:-2])
    assert lines[-1].startswith("Words in README.md: ")
