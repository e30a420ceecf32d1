"""What the documentation points at exists: pages, headings, files of the project, make targets."""

import re
from pathlib import Path

import pytest

from webhook.flows import export
from webhook.flows.check import check_file
from webhook.flows.expand import expand
from webhook.recipes.load import load as load_recipes
from webhook.store.tables import metadata
from webhook.web.actions import all_actions
from webhook.web.conversations import routes

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", ".github/**/*.md", "tests/fixtures/**/*.md")
    for path in ROOT.glob(pattern)
)
NAME_PATHS = ["CONTRIBUTING.md", "docs/architecture.md", "docs/adding-a-platform.md"]
"""Pages that lead contributors to the code: each path in backticks must exist."""
LONG = 900
"""Words from which a page needs a table of contents."""
MADE_WHEN_RUNNING = {"var/webhook.db"}

FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]+))?\)")
NAME_IN_FILE = re.compile(r"`([\w.]+)` in `([\w./]+\.py)`")
PATH = re.compile(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|toml|md|txt|yml))`")
TARGET = re.compile(r"`make (\w+)|^ *make (\w+)", re.MULTILINE)


def slug(heading: str) -> str:
    """The id that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(one) for one in re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = ROOT / page
    for target, anchor in LINK.findall(FENCED.sub("", path.read_text())):
        leads_to = (path.parent / target).resolve() if target else path
        assert leads_to.exists(), target
        assert not anchor or anchor in anchors(leads_to), f"{target}#{anchor}"


@pytest.mark.parametrize("page", NAME_PATHS)
def test_paths_that_contributors_are_sent_to_exist(page):
    text = FENCED.sub("", (ROOT / page).read_text())
    paths = {path for path in PATH.findall(text) if not path.startswith("/")} - MADE_WHEN_RUNNING
    # A module may be named without its ending: it may become a package.
    missing = [path for path in paths if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()]
    assert sorted(missing) == []


@pytest.mark.parametrize("page", NAME_PATHS)
def test_names_are_in_the_files_that_are_said_to_have_them(page):
    for name, path in NAME_IN_FILE.findall((ROOT / page).read_text()):
        assert re.search(rf"\b{name.rpartition('.')[2]}\b", (ROOT / path).read_text()), f"{name} in {path}"


def test_every_table_is_described_and_nothing_else():
    section = (ROOT / "docs/architecture.md").read_text().partition("## The tables")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(metadata.tables)


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/") or page in NAME_PATHS])
def test_a_long_page_has_a_table_of_contents(page):
    text = FENCED.sub("", (ROOT / page).read_text())
    listed = {anchor for target, anchor in LINK.findall(text) if not target}
    sections = [slug(heading) for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)]
    assert len(text.split()) < LONG or listed >= set(sections)


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page):
    targets = {one or other for one, other in TARGET.findall((ROOT / page).read_text())}
    assert targets <= set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_pages_that_code_and_settings_name_exist():
    folders = ("webhook", "schemas", "flowkit", "sandbox", "bench", "tests", "deploy")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [ROOT / name for name in (".env.example", "Makefile", "requirements.txt", "CHANGELOG.md")]
    named = {
        (file.relative_to(ROOT).as_posix(), page)
        for file in files
        if file.suffix in {".py", ".html", ".js", ".toml", ".txt", ".md", ".example", ".service", ""}
        and "node_modules" not in file.parts
        for page in re.findall(r"(?<![\w/(])docs/[\w/-]+\.(?:md|json|yml)", file.read_text())
    }
    assert sorted((file, page) for file, page in named if not (ROOT / page).exists()) == []


def test_every_key_of_a_request_is_told_to_flow_authors():
    told = {key for page in ROOT.glob("docs/pt/*.md") for key in re.findall(r"`(\w+)`", page.read_text())}
    asked = {
        field.data_key or name for one in all_actions({}) for name, field in one.request.load_fields.items()
    }
    assert sorted(asked - told) == []


def test_the_conversation_in_the_format_is_one(tmp_path):
    text = (ROOT / "docs/pt/flow-format.md").read_text()
    (example,) = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    path = tmp_path / "tem_fibra.toml"
    path.write_text(example)
    assert check_file(path, routes(load_recipes(None))) == []


@pytest.mark.parametrize("platform", ["huggy", "fivehub"])
def test_the_pages_know_how_many_blocks_a_person_builds(platform):
    said = re.search(
        r"`contratacao` são (\d+) blocos, contra nove", (ROOT / f"docs/pt/{platform}.md").read_text()
    )
    whole, loop = (
        len(expand(export.dialogue_of(platform, name)).steps) for name in ("contratacao", export.LOOP)
    )
    assert (int(said[1]), 9) == (whole, loop)
