"""Flattening a large answer: 20 path expressions, compiled once, on 100 kB; JSON reading apart."""

import json
import statistics
from time import perf_counter

from schemas.recipe import RecipeSchema
from webhook.recipes.flatten import values_of

PATHS = 20
ROUNDS = 200


def main() -> None:
    """Prints one row."""
    rows = [
        {"id": f"{n:024x}", "name": f"CTO {n}", "client": {"name": "x" * 40, "code": n}, "tags": ["a", "b"]}
        for n in range(700)
    ]
    text = json.dumps({"total": len(rows), "count": len(rows), "rows": rows, "start": 0})
    answer = json.loads(text)
    keys = {f"k{n}": f"rows[{n * 30}].client.name" for n in range(PATHS)}
    table = {"descricao": "x", "caminho": "properties", "chaves": keys}
    read = RecipeSchema("bench", []).load(table).main
    taken = []
    for _ in range(ROUNDS):
        started = perf_counter()
        values = values_of(read, answer)
        taken.append((perf_counter() - started) * 1000)
    assert all(values.values())
    print("| expressions | answer kB | median ms |")
    print("| --- | --- | --- |")
    print(f"| {PATHS} | {len(text) // 1000} | {statistics.median(taken):.2f} |")


if __name__ == "__main__":
    main()
