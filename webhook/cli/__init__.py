"""The commands of `python -m webhook`, one module per group. Only webhook.__main__ imports it."""
