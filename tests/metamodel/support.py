"""What the tests of the metamodel share: the real registry of kinds, packs written on the spot, faults as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.expressions.functions import FUNCTIONS
from engine.fields import field_kinds
from metamodel.kinds import Kinds
from metamodel.read import ReadSet, read_packs
from tests.metamodel.sorts import ACTIONS, ASSIGNEES, CHANNELS, TRIGGERS, WIDGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.faults import Fault

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "packs"
MINI = ROOT / "tests" / "packs" / "mini"
KINDS = Kinds(
    fields=field_kinds(),
    functions=FUNCTIONS,
    actions=ACTIONS,
    triggers=TRIGGERS,
    assignees=ASSIGNEES,
    widgets=WIDGETS,
    channels=CHANNELS,
)


def write_pack(folder: Path, files: Mapping[str, str], name: str = "site", **pack: str) -> Path:
    """Write a pack of ``files`` (path → text) below ``folder`` and return its path."""
    target = folder / name
    lines = [f"pack: {name}", f"version: {pack.get('version', '1.0.0')}"]
    if "requires" in pack:
        lines.append(f"requires: {pack['requires']}")
    for path, text in {"pack.yaml": "\n".join(lines) + "\n", **files}.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return target


def read(*paths: Path, **options: Any) -> ReadSet:
    """Read packs with the real kinds; the packs that come along are found."""
    return read_packs(paths, KINDS, search=[PACKS], **options)


def codes(faults: Iterable[Fault]) -> list[str]:
    """Return the codes of faults, in order."""
    return [fault.code for fault in faults]


def told(faults: Iterable[Fault], below: Path) -> list[dict[str, object]]:
    """Return faults as data that does not depend on where the pack and this checkout lie."""

    def local(text: str) -> str:
        return text.replace(f"{below}/", "").replace(f"{ROOT}/", "")

    return [
        {
            "place": f"{local(fault.mark.file)}:{fault.mark.line}:{fault.mark.column}",
            "path": fault.mark.path,
            "severity": fault.severity,
            "code": fault.code,
            "zh": local(fault.message.zh),
            "en": local(fault.message.en),
            "hint": local(fault.hint("zh")) and f"{local(fault.hint('zh'))} / {local(fault.hint('en'))}",
        }
        for fault in faults
    ]
