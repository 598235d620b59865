"""A role's grants as a table, object by act; a shared list of choices as it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.definitions.roles import ACTS

if TYPE_CHECKING:
    from designer.work import Work


def draw_role(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a role's grants."""
    role = work.model.roles.get(name)
    if role is None:
        return None
    language = work.visit.language
    acts = [act for act in ACTS if any(act in given for given in role.objects.values())]
    rows = []
    for target, given in role.objects.items():
        definition = work.model.objects.get(target)
        cells = [
            ", ".join(one.name if one.where is None else one.where.text for one in given.get(act, ())) for act in acts
        ]
        rows.append((definition.label(language) if definition else target, cells))
    return "role", {
        "title": role.label(language) or name,
        "acts": acts,
        "rows": rows,
        "fields": list(role.fields.items()),
    }


def draw_choices(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a list of choices."""
    found = work.model.choices.get(name)
    if found is None:
        return None
    language = work.visit.language
    return "choices", {"choices": [(one.label(language), one.color, one.retired) for one in found.values.values()]}
