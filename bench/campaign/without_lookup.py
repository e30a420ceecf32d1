"""python -m bench.campaign.without_lookup COMMAND: web or worker without the look-up before each create.

The campaign must go red with it: a test shows that.
"""

import runpy
import sys

from webhook.sales import prospect, reserve


def finds_nothing(_: object) -> None:
    """In place of a look-up by code."""


def main() -> None:
    """Becomes the command: `gunicorn ...`, or `python -m webhook ...`."""
    reserve.look = finds_nothing  # type: ignore[assignment]
    prospect._found = finds_nothing  # type: ignore[assignment]
    command = sys.argv[1:]
    if command[:2] == ["python", "-m"]:
        command = command[2:]
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
