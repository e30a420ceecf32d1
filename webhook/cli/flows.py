"""python -m webhook flows: check, list, copy and export the conversations."""

import argparse
import os
import re
import sys
from pathlib import Path

from webhook.cli import Commands
from webhook.flows import export, loading
from webhook.flows.check import check_all, check_file
from webhook.platforms import PLATFORMS
from webhook.recipes.load import load as load_recipes
from webhook.settings import Settings
from webhook.web.conversations import routes


def add_to(commands: Commands) -> None:
    """Adds the commands to the command line."""
    group = commands.add_parser("flows", help="the conversations and the flows made of them").add_subparsers(
        required=True, metavar="COMMAND"
    )
    check = group.add_parser("check", help="do they hold together? Ours, or the files of a folder")
    check.set_defaults(run=run_check)
    check.add_argument("folder", nargs="?", type=Path, default=_own_folder(), help="FLOWS_DIR, without it")
    group.add_parser("list", help="what there is").set_defaults(run=run_list)
    group.add_parser("write", help="make the folders' files again").set_defaults(run=run_write)
    new = group.add_parser("new", help="a conversation of your own, as a copy of one of ours")
    new.set_defaults(run=run_new)
    new.add_argument("name", type=_new_name, help="a-z, 0-9 and _: the name of its file")
    new.add_argument(
        "--from",
        dest="original",
        default="contratacao",
        choices=[path.stem for path in loading.paths_in(loading.BUILT_IN)],
    )
    new.add_argument("--dir", type=Path, default=_own_folder() or Path(), help="FLOWS_DIR, without it")
    show = group.add_parser("show", help="a flow's definition")
    show.set_defaults(run=run_show)
    exported = group.add_parser("export", help="a flow's definition with your address")
    exported.set_defaults(run=run_export)
    exported.add_argument("--out", required=True, type=Path, help="the file")
    exported.add_argument(
        "--url", default=os.environ.get("PUBLIC_URL", Settings.public_url), help="PUBLIC_URL, without it"
    )
    for parser in (show, exported):
        parser.add_argument("platform", choices=PLATFORMS)
        parser.add_argument("name")


def _new_name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise argparse.ArgumentTypeError("must be a name of a-z, 0-9 and _")
    return text


def _own_folder() -> Path | None:
    folder = os.environ.get("FLOWS_DIR")
    return Path(folder) if folder else None


def run_check(arguments: argparse.Namespace) -> int:
    """Prints every finding; 0 when there is none."""
    known = routes(load_recipes(os.environ.get("RECIPES_DIR") or None))
    findings = check_all(routes(load_recipes(None)))
    own = loading.paths_in(arguments.folder) if arguments.folder else []
    for path in own:
        findings += check_file(path, known)
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"flows: {len(loading.built_in()) + 1 + len(own)} read, {len(findings)} finding(s)")
    return 1 if findings else 0


def run_list(_: argparse.Namespace) -> int:
    """Prints a line for each flow."""
    for platform in PLATFORMS:
        for name, one in export.exported(platform).items():
            print(f"{platform} {name} (versão {one.version}, {one.date}): {one.purpose}")
    return 0


def run_write(_: argparse.Namespace) -> int:
    """Writes what is made of the conversations into the platforms' folders."""
    for platform in PLATFORMS:
        folder = export.folder(platform)
        folder.mkdir(exist_ok=True)
        for path in folder.glob("*.json"):
            path.unlink()
        for name in export.exported(platform):
            text = export.definition(platform, name, export.PUBLIC_URL)
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return 0


def run_new(arguments: argparse.Namespace) -> int:
    """Copies a conversation, with a mark that tells later whether the original has changed."""
    source, target = loading.BUILT_IN / f"{arguments.original}.toml", arguments.dir / f"{arguments.name}.toml"
    mark = f'copiada_de = "{arguments.original}"\noriginal = "{loading.digest(source)}"\n'
    if not _write(target, mark + source.read_text(encoding="utf-8"), "x"):
        return 1
    print(f"{target}, for FLOWS_DIR; after a change: python -m webhook flows check {arguments.dir}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Prints the definition as it is in its file."""
    print(export.definition(arguments.platform, arguments.name, export.PUBLIC_URL), end="")
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Writes the definition with the address in it. The key stays a placeholder."""
    text = export.definition(arguments.platform, arguments.name, arguments.url.rstrip("/"))
    if not _write(arguments.out, text, "w"):
        return 1
    print(f"{arguments.out}, for {arguments.url}; how to build it: python -m flowkit guide")
    return 0


def _write(path: Path, text: str, mode: str) -> bool:
    """False if the file cannot be written; stderr then says why."""
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return False
    return True
