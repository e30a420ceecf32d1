"""Which conversations each ISP's customers may be led through: ours, the operator's, the ISP's own."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from webhook.flows import loading
from webhook.flows.check import Route, Routes, check_file
from webhook.flows.definition import Flow
from webhook.flows.expand import expand
from webhook.platforms import PLATFORMS
from webhook.recipes.model import Recipe
from webhook.settings import Settings, SettingsError
from webhook.web.actions import actions_of, all_actions


def routes(recipes: Mapping[str, Recipe]) -> Routes:
    """What each platform's flows may call, with the keys of requests and replies."""
    actions = all_actions(recipes)
    return {
        platform: {
            action.name: Route(frozenset(action.request.keys), frozenset(action.reply().fields))
            for action in actions_of(actions, platform)
        }
        for platform in PLATFORMS
    }


def conversations_of(settings: Settings, recipes: Mapping[str, Recipe]) -> dict[str, dict[str, Flow]]:
    """By tenant and name. An own conversation goes before ours of the same name.

    Raises SettingsError with every finding in the folders, and where a tenant's `conversa` names none.
    """
    problems: dict[str, str] = {}
    known = cache(partial(routes, recipes))
    shared = dict(_own("FLOWS_DIR", settings.flows_dir, known, problems))
    found = {}
    for tenant in settings.tenants:
        own = dict(_own(f"flows_dir of {tenant.slug}", tenant.flows_dir, known, problems))
        found[tenant.slug] = _ours() | shared | own
        if tenant.conversation and tenant.conversation not in found[tenant.slug]:
            problems[f"conversa of {tenant.slug}"] = f"names no conversation: {tenant.conversation}"
    if problems:
        raise SettingsError(f"{name} {text}" for name, text in problems.items())
    return found


@cache
def _ours() -> dict[str, Flow]:
    return {name: expand(one) for name, one in loading.built_in().items()}


def _own(
    setting: str, folder: str | None, known: Callable[[], Routes], problems: dict[str, str]
) -> Iterator[tuple[str, Flow]]:
    """The conversations of a folder; what is wrong with them goes into `problems`."""
    if folder is None:
        return
    paths = loading.paths_in(Path(folder))
    if not paths:
        problems[setting] = f"has no conversation (*.toml): {folder}"
    for path in paths:
        if findings := check_file(path, known(), starting=True):
            problems[f"{setting} {path.name}"] = "; ".join(
                f"{one.step and f'[{one.step}] '}{one.text}" for one in findings
            )
        else:
            yield path.stem, expand(loading.load(path))
