"""python -m bench.campaign.without_lookup COMMAND: web or worker without the look-up before each create.

The campaign must go red with it: a test shows that.
"""

import runpy
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from webhook.sales.prospecting import Prospecting
from webhook.sales.reserving import Reserving


def blind(run: Callable[..., Any], look: str) -> Callable[..., Any]:
    """`run`, whose first `look` finds nothing."""

    @wraps(run)
    def blinded(work: Any, *arguments: Any, **options: Any) -> Any:
        def finds_nothing() -> None:
            delattr(work, look)  # the next one looks again

        setattr(work, look, finds_nothing)
        return run(work, *arguments, **options)

    return blinded


def main() -> None:
    """Becomes the command: `gunicorn ...`, or `python -m webhook ...`."""
    Reserving.run = blind(Reserving.run, "found")  # type: ignore[method-assign]
    Prospecting.run = blind(Prospecting.run, "_found")  # type: ignore[method-assign]
    command = sys.argv[1:]
    if command[:2] == ["python", "-m"]:
        command = command[2:]
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
