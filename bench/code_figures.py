"""How much code there is, and how it is cut: `python -m bench.code_figures` prints a table in Markdown."""

import ast
import io
import re
import statistics
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
GROUPS = {"webhook + schemas": ("webhook", "schemas"), "flowkit": ("flowkit",)}
LONGEST_MODULE, LONGEST_FUNCTION, MOST_COMPLEX = 250, 40, 10

_LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_BRANCHES = (
    *(ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert),
    *(ast.comprehension, ast.match_case),
)


@dataclass(frozen=True)
class Module:
    """What is counted of one file."""

    lines: int
    code: int
    """Lines that have code: no blanks, comments or docstrings."""
    comments: int
    """Lines that are nothing but a `#` comment."""
    any_lines: int
    """Lines that use `Any`; its import is not counted."""
    type_ignores: int
    functions: list[int] = field(default_factory=list)
    """Lines of each function."""
    complexities: list[int] = field(default_factory=list)


def measure(source: str) -> Module:
    tree, lines = ast.parse(source), source.splitlines()
    docstrings = {number for node in ast.walk(tree) for number in _docstring(node)}
    code, comments, any_lines, ignores = set[int](), 0, set[int](), 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        first, last = token.start[0], token.end[0]
        if token.type == tokenize.COMMENT:
            comments += token.line.lstrip().startswith("#")
            ignores += token.string.startswith("# type: ignore")
        elif token.type not in _LAYOUT and first not in docstrings:
            code.update(range(first, last + 1))
            if token.string == "Any" and not re.match(r"from|import", token.line):
                any_lines.add(first)
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTION)]
    return Module(
        lines=len(lines),
        code=sum(bool(lines[number - 1].strip()) for number in code),
        comments=comments,
        any_lines=len(any_lines),
        type_ignores=ignores,
        functions=[(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions],
        complexities=[_complexity(node) for node in functions],
    )


def _docstring(node: ast.AST) -> range:
    """The lines of a text that stands alone: also the one below an attribute."""
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return range(0)


def _complexity(function: ast.AST) -> int:
    """Ways through a function, as radon counts them: each branch and each `and` or `or` adds one."""
    total = 1
    for node in ast.walk(function):
        if isinstance(node, _BRANCHES):
            total += 1 + len(getattr(node, "ifs", ()))
        elif isinstance(node, ast.BoolOp):
            total += len(node.values) - 1
    return total


def figures(modules: Sequence[Module]) -> Iterator[tuple[str, str]]:
    """Each row of the table: what is counted, and the count."""
    functions = [length for module in modules for length in module.functions]
    lines = sum(module.lines for module in modules)
    yield "code lines", f"{sum(module.code for module in modules):,}"
    yield "files", str(len(modules))
    yield "`#` comments, % of lines", f"{100 * sum(module.comments for module in modules) / lines:.1f}"
    yield "median module (lines)", f"{statistics.median(module.lines for module in modules):.0f}"
    yield "mean function (lines)", f"{statistics.mean(functions):.1f}"
    yield (
        f"functions over {LONGEST_FUNCTION} lines",
        f"{_over(LONGEST_FUNCTION, functions)} of {len(functions)}",
    )
    complexities = [number for module in modules for number in module.complexities]
    yield f"functions of complexity over {MOST_COMPLEX}", str(_over(MOST_COMPLEX, complexities))
    yield "lines with `Any`", str(sum(module.any_lines for module in modules))
    yield "`type: ignore`", str(sum(module.type_ignores for module in modules))
    yield (
        f"modules over {LONGEST_MODULE} lines",
        str(_over(LONGEST_MODULE, (module.lines for module in modules))),
    )


def _over(limit: int, numbers: Iterable[int]) -> int:
    return sum(number > limit for number in numbers)


def main() -> None:
    columns = []
    for folders in GROUPS.values():
        paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
        columns.append(dict(figures([measure(path.read_text()) for path in paths])))
    print(f"| | {' | '.join(GROUPS)} |\n| --- |{' --- |' * len(GROUPS)}")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(column[name] for column in columns)} |")
    words = len(re.findall(r"\S+", (ROOT / "README.md").read_text()))
    print(f"\nWords in README.md: {words:,}")


if __name__ == "__main__":
    main()
