"""Who is meant, in words: approvers and receivers as definitions name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.common import Expression

if TYPE_CHECKING:
    from designer.work import Work
    from metamodel.definitions.approvals import ApproversDef


def people_words(work: Work, asked: ApproversDef) -> str:
    """Return whom an approval's step asks."""
    language, value = work.visit.language, asked.value
    role = work.model.roles.get(str(value))
    if asked.kind == "role" and role is not None:
        return role.label(language)
    kind = work.candidate.kinds.assignees.get(asked.kind)
    label = kind.label(language) if kind is not None else asked.kind
    said = value.text if isinstance(value, Expression) else "" if value is None else str(value)
    return f"{label} {said}".strip()
