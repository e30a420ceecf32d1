"""The commands of `python -m webhook`, one module per group. Only webhook.__main__ imports it.

`add_to` adds a module's commands. A command prints its result and returns its exit status; exceptions for the
operator become a line on stderr in webhook.__main__.
"""

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
