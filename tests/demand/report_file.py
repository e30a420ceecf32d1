"""The report of one ISP as a file, for the browser and for pictures."""

import os
import subprocess
import sys
from pathlib import Path

from tests.test_service import ROOT, environment


def write_report(database_url: str, sandbox_url: str, path: Path) -> Path:
    """By the command, with the sandbox's tiles."""
    tiles = {"MAP_CREDIT": "sandbox", "SATELLITE_CREDIT": "sandbox"}
    for name in ("map", "satellite"):
        tiles[f"{name.upper()}_TILES"] = f"{sandbox_url}/tiles/{name}/{{z}}/{{x}}/{{y}}.png"
    variables = environment(sandbox_url, DATABASE_URL=database_url, NOME="A Fibra Trindade", **tiles)
    command = [sys.executable, "-m", "webhook", "demand", "--format", "html", "--out", str(path)]
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=True)
    return path
