"""What stands against publishing a draft, in plain words: each fault with its place as people call it and the page that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from designer.options import LABELS
from designer.preview import label_in
from metamodel.diff_words import KINDS, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from designer.work import Work
    from metamodel.faults import Fault

PARTS = {
    "fields": "field",
    "states": "state",
    "transitions": "transition",
    "steps": "step",
    "widgets": "widget",
    "choices": "choice",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault as it is listed. ``url`` leads to where it is mended; ``line`` is that in the file."""

    place: str
    message: str
    hint: str
    url: str
    code: str
    line: int
    column: int
    warning: bool = False


def problems(work: Work, faults: Iterable[Fault]) -> list[Problem]:
    """Return faults as people read them."""
    language = work.visit.language
    return [
        Problem(
            place_words(work, one),
            one.message(language),
            one.hint(language),
            _url(work, one),
            one.code,
            one.mark.line,
            one.mark.column,
            one.severity != "error",
        )
        for one in faults
    ]


def _definition(work: Work, fault: Fault) -> tuple[str, str]:
    return work.candidate.definitions.get(fault.mark.file, ("", ""))


def place_words(work: Work, fault: Fault) -> str:
    """Return where a fault is, as people call it: 商机 › 预算 › 算式."""
    kind, name = _definition(work, fault)
    language = work.visit.language
    if not kind:
        return fault.mark.file
    data = work.candidate.data(kind, name)
    words = [f"{KINDS[kind](language)} {label_in(data.get('label'), language, name)}" if kind in KINDS else name]
    holder: object = data
    for part in fault.mark.path.split("/") if fault.mark.path else ():
        holder = holder.get(part) if isinstance(holder, dict) else None
        if part in PARTS:
            continue
        label = holder.get("label") if isinstance(holder, dict) else None
        known = OPTIONS.get(part) or LABELS.get(part)
        words.append(label_in(label, language, "") or (known(language) if known else part))
    return " › ".join(words)


def _url(work: Work, fault: Fault) -> str:
    kind, name = _definition(work, fault)
    parts = fault.mark.path.split("/")
    if kind == "object" and len(parts) > 1 and parts[0] in {"fields", "visible_when", "required_when", "readonly_when"}:
        return f"/designer/objects/{name}?field={quote(parts[1])}"
    return f"/designer/source/{kind}/{name}?line={fault.mark.line}" if kind else "/designer"
