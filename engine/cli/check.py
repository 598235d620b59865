"""The commands that read packs and touch no installation: ``tenon check`` and ``tenon schema``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from engine.cli.fault_lines import fault_json, show_faults
from engine.cli.frame import Faulty, composition, many, print_json, say
from engine.config import EnvironmentFault
from engine.scenarios.check import check_packs
from engine.scenarios.run import load_verbs
from metamodel.folders import SUFFIXES, holds_pack, pack_around, pack_paths
from metamodel.read import read_packs
from metamodel.schema import schemas
from metamodel.text import Text


def _pack_of(path: Path) -> Path:
    """Return what to check: of a definition file, or a folder of them, the pack that it belongs to, since it says little by itself."""
    part = path.suffix.lower() in SUFFIXES if path.is_file() else path.is_dir() and not holds_pack(path)
    around = pack_around(path) if part and pack_paths(path) == [path] else None
    if around is None:
        return path
    say(Text(zh=f"{path} 属于 {around}，检查整个包。", en=f"{path} belongs to {around}: all of it is checked."))
    return around


MANY = 20  # faults above which they are summed up by their codes as well


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="json: one document on standard output",
)
def check(paths: tuple[Path, ...], form: str) -> None:
    """Check packs (folders, zips, or a folder of packs; of a file in a pack, that pack): every fault with its place, code and hint. Exit 1
    if there is an error."""
    given = composition()
    found = list(dict.fromkeys(pack for path in paths for pack in pack_paths(_pack_of(path))))
    read = read_packs(found, given.kinds, search=(given.packs,))
    faults = read.faults
    if read.sound is not None:
        faults.extend(check_packs(found, read.sound, given.kinds, load_verbs()))
    if form == "json":
        print_json({"faults": [fault_json(fault) for fault in faults]})
        if faults.fatal:
            raise Faulty
        return
    listed = list(faults)
    ending = show_faults(listed)
    errors = sum(fault.severity == "error" for fault in listed)
    warnings = len(listed) - errors
    if len(listed) > MANY:
        codes = Counter(one.code for one in listed)
        click.echo("  ".join(f"{code} × {count}" for code, count in codes.most_common()), err=True)
    say(Text(zh=f"{errors} 个错误，{warnings} 个警告。", en=f"{many(errors, 'error')}, {many(warnings, 'warning')}."))
    if faults.fatal:
        raise ending


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def schema(directory: Path) -> None:
    """Write the JSON Schemas of all kinds of definition into DIR, for editors."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for kind, document in schemas(composition().kinds).items():
            target = directory / f"{kind}.schema.json"
            target.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            click.echo(target)
    except OSError as error:
        message = Text(
            zh=f"无法写入 {directory}：{error.strerror}", en=f"{directory} can't be written: {error.strerror}"
        )
        raise EnvironmentFault(message) from None


COMMANDS = (check, schema)
