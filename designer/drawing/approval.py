"""An approval's path: from the submission through its steps, side by side where they are branches, to what comes of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from designer.drawing.people import people_words
from designer.drawing.values import length_words
from designer.words import TEXTS, speak

if TYPE_CHECKING:
    from designer.work import Work
    from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef

WIDTH, HEIGHT, GAP, ROW, EDGE = 264, 62, 26, 112, 24

TITLE, SUB = 30, 36  # places of a line in a box


@dataclass(slots=True)
class Box:
    """A step in the drawing, its upper left corner. ``icon`` and ``tone`` say what it is."""

    title: str
    sub: str
    icon: str
    tone: str
    x: float = 0
    y: float = 0


@dataclass(slots=True)
class Way:
    """A way between boxes: its path, and a label where there is one."""

    path: str
    label: str = ""
    x: float = 0
    y: float = 0


@dataclass(slots=True)
class Path:
    """The drawing."""

    width: float = 0
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)


def draw_approval(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return the drawing of an approval."""
    approval = work.model.approvals.get(name)
    if approval is None:
        return None
    return "approval", {"path": lay_out(work, approval), "box": (WIDTH, HEIGHT)}


def lay_out(work: Work, approval: ApprovalDef) -> Path:
    """Return where everything stands."""
    language = work.visit.language
    rows: list[list[Box]] = [[_start(work, approval)]]
    labels = [approval.when.text if approval.when else ""]
    for step in approval.steps.values():
        rows.append([_box(work, one) for one in (step.branches.values() or (step,))])
        labels.append(step.when.text if step.when else "")
    actions = len(approval.on.get("approved", ()))
    rows.append(
        [
            Box(
                speak("dz_approved", language),
                speak("dz_follows", language, count=actions) if actions else "",
                "circle-check",
                "green",
            )
        ]
    )
    widest = max(len(row) for row in rows)
    path = Path(widest * WIDTH + (widest - 1) * GAP + 2 * EDGE, len(rows) * ROW - (ROW - HEIGHT) + 2 * EDGE)
    for number, row in enumerate(rows):
        left = (path.width - len(row) * WIDTH - (len(row) - 1) * GAP) / 2
        for place, box in enumerate(row):
            box.title, box.sub = fitted(box.title, TITLE), fitted(box.sub, SUB)
            box.x, box.y = left + place * (WIDTH + GAP), EDGE + number * ROW
        path.boxes.extend(row)
    for number, (above, below) in enumerate(itertools.pairwise(rows)):
        condition = labels[number + 1] if number + 1 < len(labels) else ""
        path.ways.extend(_way(one, two) for one in above for two in below)
        if condition:
            middle = EDGE + number * ROW + HEIGHT + (ROW - HEIGHT) / 2
            shown = condition if len(condition) < 40 else condition[:38] + "…"
            path.ways.append(Way("", shown, path.width / 2, middle))
    return path


def fitted(text: str, places: int) -> str:
    """Return a text cut to so many places, of which a Chinese character takes two."""
    taken = 0
    for at, one in enumerate(text):
        taken += 1 if one < "\u2e80" else 2
        if taken > places:
            return text[: max(at - 1, 0)] + "…"
    return text


def _start(work: Work, approval: ApprovalDef) -> Box:
    language = work.visit.language
    condition = approval.when.text if approval.when else ""
    at = TEXTS["dz_submitted"](language) if approval.at == "submit" else f"{approval.at} {approval.at_name}".strip()
    return Box(at, condition, "send", "gray")


def _box(work: Work, step: ApprovalStepDef) -> Box:
    language = work.visit.language
    if step.copy_to is not None:
        return Box(step.label(language) or speak("dz_copy", language), people_words(work, step.copy_to), "mail", "blue")
    people = people_words(work, step.approvers) if step.approvers else ""
    known = f"dz_{step.decide}"
    share = f"{step.decide:%}" if isinstance(step.decide, Decimal) else ""
    decide = share or (TEXTS[known](language) if known in TEXTS else str(step.decide))
    within = f" · {length_words(step.within, language)}" if step.within else ""
    return Box(step.label(language) or step.name, f"{people} · {decide}{within}", "user-check", "orange")


def _way(above: Box, below: Box) -> Way:
    x, y, to_x, to_y = above.x + WIDTH / 2, above.y + HEIGHT, below.x + WIDTH / 2, below.y - 2
    middle = (y + to_y) / 2
    return Way(f"M{x} {y}C{x} {middle} {to_x} {middle} {to_x} {to_y}")
