"""Flattening a large answer: 20 expressions, compiled once, on 100 kB; JSON reading apart."""

import json
import statistics
from time import process_time

from bench.report import Report, run
from webhook.recipes.file import RecipeSchema
from webhook.recipes.flatten import values_of

EXPRESSIONS = 20
ROUNDS = 50


def measure(report: Report) -> None:
    """A row per kind of expression."""
    rows = [
        {"id": f"{n:024x}", "name": f"CTO {n}", "client": {"name": "x" * 40, "code": n}, "tags": ["a", "b"]}
        for n in range(700)
    ]
    text = json.dumps({"total": len(rows), "count": len(rows), "rows": rows, "start": 0})
    answer = json.loads(text)
    kinds = {
        "a path, `rows[30].client.name`": "rows[{}].client.name",
        "over all rows, ``length(rows[?client.code > `30`])``": "length(rows[?client.code > `{}`])",
    }
    report.table("expressions", "how many", "answer kB", "median CPU ms")
    for kind, template in kinds.items():
        keys = {f"k{n}": template.format(n * 30) for n in range(EXPRESSIONS)}
        table = {"descricao": "x", "caminho": "properties", "chaves": keys}
        read = RecipeSchema("bench", []).load(table).main
        taken = []
        for _ in range(ROUNDS):
            started = process_time()
            values = values_of(read, answer)
            taken.append((process_time() - started) * 1000)
        assert all(values.values())
        report.row(kind, EXPRESSIONS, len(text) // 1000, f"{statistics.median(taken):.2f}")


if __name__ == "__main__":
    run("recipe_keys", measure)
