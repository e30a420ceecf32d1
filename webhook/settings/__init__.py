"""Settings, read once from the environment and TENANTS_FILE; imported by all that is configured.

Everything is checked before anything starts. Whatever is missing, misspelt or contradictory becomes one line
that names the setting and says how to mend it.
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from webhook.location.geocoders import SERVICES
from webhook.platforms import PLATFORMS
from webhook.settings import service, tenants
from webhook.settings.service import MapTiles, Settings
from webhook.settings.tenants import Problems
from webhook.store import database_url

__all__ = ["NAMES", "MapTiles", "Settings", "SettingsError", "load"]

SECRETS = tenants.SECRETS | service.SECRETS
"""Settings that may stand in a file instead, which `NAME_FILE` names: a mounted secret."""
_FILES = {f"{name}_FILE": name for name in SECRETS}
NAMES = tenants.NAMES | service.SETTINGS.keys() | _FILES.keys()
"""Every environment variable that is a setting."""
SHORTEST_GUESS = 8
"""Letters of a name that may be a misspelt setting. Shorter ones are close to too much: PATH, PORTS, HOME."""
_PREFIXES = ("OZMAP_", "GEOCODER_", *(f"{name.upper()}_" for name in PLATFORMS))


class SettingsError(Exception):
    """The service cannot start. Each of `problems` is one line that says what to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def load() -> Settings:
    """The settings of this process. Raises SettingsError with every problem at once."""
    problems = _misspelt(os.environ.keys())
    given = {name: os.environ[name] for name in sorted(NAMES & os.environ.keys())}
    for name in [name for name, value in given.items() if not value.strip()]:
        problems[name] = "is empty: give it a value or remove it"
        del given[name]
    problems |= _read_files(given)
    # FLOWS_DIR is the service's, also where a file describes the tenants: each may have one of its own there.
    single = {name: given[name] for name in given if name in tenants.NAMES - service.SETTINGS.keys()}
    if "TENANTS_FILE" in given:
        problems |= dict.fromkeys(single, "is set beside TENANTS_FILE: keep one of them")
        read, wrong = tenants.from_file(given["TENANTS_FILE"])
    else:
        read, wrong = tenants.from_environment(single)
    settings, unusable = service.read(given, tuple(read))
    if settings:
        unusable = _contradictions(settings)
    for name in _FILES.keys() & problems.keys():
        wrong.pop(_FILES[name], None)  # it is not missing, but its file cannot be read
    # The later ones win: "is empty" says more than "is missing".
    if (problems := wrong | unusable | problems) or settings is None:
        raise SettingsError(f"{name} {text}" for name, text in problems.items())
    return settings


def _read_files(given: dict[str, str]) -> Problems:
    """Puts the content of a secret's file in its place."""
    problems = {}
    for name in _FILES.keys() & given.keys():
        path = given.pop(name)
        if _FILES[name] in given:
            problems[name] = f"is set beside {_FILES[name]}: keep one of them"
            continue
        try:
            given[_FILES[name]] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            problems[name] = "must name a readable text file"
    return problems


def _misspelt(names: Iterable[str]) -> Problems:
    """Names that can only be meant for us: with one of our prefixes, or almost one of our long names."""
    problems = {}
    for name in sorted(set(names) - NAMES):
        near = get_close_matches(name, NAMES, n=1)
        almost = len(name) >= SHORTEST_GUESS and get_close_matches(name, NAMES, n=1, cutoff=0.9)
        if name.startswith(_PREFIXES) or almost:
            mend = f"did you mean {near[0]}?" if near else "remove it"
            problems[name] = f"is not a setting: {mend}"
    return problems


def _contradictions(settings: Settings) -> Problems:
    """Settings that are right each for itself, and cannot work together or on this host."""
    problems = {}
    if "DYNO" in os.environ and database_url(settings.database_url).get_backend_name() == "sqlite":
        problems["DATABASE_URL"] = (
            "is a file, and this host (DYNO is set) throws its disk away at restart:"
            " add a PostgreSQL, or sales that customers were promised get lost"
        )
    geocoder = SERVICES[settings.geocoder] if settings.geocoder else None
    if geocoder and geocoder.key_name and not settings.geocoder_key:
        problems["GEOCODER_KEY"] = f"is missing: {geocoder.name} takes no call without a key"
    return problems
