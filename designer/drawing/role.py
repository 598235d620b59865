"""A role's grants as a table, object by act; a shared list of choices as it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.screens.areas.admin.roles import field_rights, matrix
from engine.screens.texts import say
from metamodel.definitions.roles import ACTS

if TYPE_CHECKING:
    from designer.work import Work


def draw_role(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a role's grants."""
    role = work.model.roles.get(name)
    if role is None:
        return None
    language, rows = work.visit.language, matrix(work.shown, role)
    kept = [place for place in range(len(ACTS)) if any(row["cells"][place] for row in rows)]
    return "role", {
        "title": role.label(language) or name,
        "acts": [say(f"admin_act_{ACTS[place]}", language) for place in kept],
        "rows": [(row["label"], [row["cells"][place] for place in kept]) for row in rows],
        "fields": field_rights(work.shown, role),
    }


def draw_choices(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a list of choices."""
    found = work.model.choices.get(name)
    if found is None:
        return None
    language = work.visit.language
    return "choices", {"choices": [(one.label(language), one.color, one.retired) for one in found.values.values()]}
