"""What the YAML editor completes and explains: the JSON Schema of a kind with its words in the viewer's language, and the names of objects,
fields, roles and the like as they are with the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.refusals import Refusal
from engine.screens.texts import TEXTS
from metamodel.schema import schemas

if TYPE_CHECKING:
    from designer.work import Work


def hints_of(work: Work, kind: str) -> dict[str, Any]:
    """Return ``schema`` and ``names``: sort of name → [name, label]. Raises Refusal 404 for an unknown kind."""
    language, model = work.visit.language, work.model
    found = schemas(work.candidate.kinds).get(kind)
    if found is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    names = {
        "object": [[name, one.label(language)] for name, one in model.objects.items()],
        "role": [[name, one.label(language)] for name, one in model.roles.items()],
        "process": [[name, one.label(language)] for name, one in model.processes.items()],
        "approval": [[name, one.label(language)] for name, one in model.approvals.items()],
        "metric": [[name, one.label(language)] for name, one in model.metrics.items()],
        "choices": [[name, name] for name in model.choices],
        "function": [
            [name, getattr(one, "help", "") and one.help(language)]
            for name, one in work.candidate.kinds.functions.items()
        ],
        "type": [[name, one.label(language)] for name, one in work.candidate.kinds.fields.items()],
    }
    fields = {
        name: [[field, said.label(language)] for field, said in one.fields.items()]
        for name, one in model.objects.items()
    }
    return {"schema": found, "names": names, "fields": fields, "language": language}
