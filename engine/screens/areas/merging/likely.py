"""What pages say of likely duplicates: while a form is filled in, when it is saved, beside a record. Records that the viewer may read are
links; of the others there is their number, and whom to ask."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from engine.fields.base import called
from engine.records.duplicate_entry import find_entered
from engine.records.duplicates import likely_duplicates
from engine.records.merge import mergeable
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.areas.merging.may import may_merge
from engine.screens.texts import say
from engine.storage.history import read_history
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.records.compile import CompiledObject
    from engine.records.duplicates import Match
    from engine.records.query import Row
    from engine.screens.site import Visit

LIKELY = "LIKELY_DUPLICATE"
CONFIRM = "_confirm"
UNCONFIRMED = Text(zh="可能与已有记录重复，请确认。", en="This may be in the system already: please look.")
LOOKED_AT = 20  # entries of a history among which its last merge is looked for


def entered(
    visit: Visit, compiled: CompiledObject, values: Mapping[str, object], number: int | None, *, blocking: bool = True
) -> list[Match]:
    """Return the likely duplicates of what is being entered; without ``blocking`` only of rules that let it through."""
    if not compiled.definition.duplicates:
        return []
    found = find_entered(visit.context, compiled.name, [values], ids=[number or 0], text=True)
    return [one for one in found if blocking or not one.rule.definition.block]


def demand_confirmed(
    visit: Visit, compiled: CompiledObject, values: Mapping[str, object], number: int | None, confirmed: str
) -> None:
    """Raise Refusal 409 LIKELY_DUPLICATE where a form would make a likely duplicate and nobody has said yet that this is meant."""
    found = entered(visit, compiled, values, number, blocking=False)
    if found and signature(found) != confirmed:
        raise Refusal(409, LIKELY, UNCONFIRMED)


def likely_note(
    visit: Visit, compiled: CompiledObject, values: Mapping[str, object], number: int | None
) -> dict[str, Any]:
    """Return the notice over a form that waits for its writer to say that a likely duplicate is meant."""
    found = entered(visit, compiled, values, number, blocking=False)
    said = listed(visit, compiled, found)
    return {"kind": "likely", "text": "", "details": [], "likely": said, "confirm": signature(found)}


def signature(found: Sequence[Match]) -> str:
    """Return what stands for these duplicates and no others, so that a yes to them is none to further ones."""
    seen = sorted(f"{one.rule.name} {one.id}" for one in found if one.id is not None)
    unseen = sum(one.id is None for one in found)
    return blake2b(f"{seen} {unseen}".encode(), digest_size=8).hexdigest()


def listed(visit: Visit, compiled: CompiledObject, found: Iterable[Match], beside: int = 0) -> dict[str, Any]:
    """Return what a template shows of duplicates; ``beside``: the record that they may be merged with."""
    matches, language = list(found), visit.language
    known = [one for one in matches if one.id is not None]
    hidden = [one for one in matches if one.id is None]
    owners = ("、" if language == "zh" else ", ").join(dict.fromkeys(one.owner for one in hidden if one.owner))
    word = "merge_hidden_owner" if owners else "merge_hidden"
    return {
        "records": [
            {
                "url": f"/o/{compiled.name}/{one.id}",
                "label": one.label,
                "owner": one.owner,
                "why": why(visit, compiled, one),
                "merge": f"/o/{compiled.name}/merge?id={beside}&id={one.id}" if beside else "",
            }
            for one in known
        ],
        "hidden": say(word, language, count=len(hidden), owners=owners) if hidden else "",
    }


def why(visit: Visit, compiled: CompiledObject, one: Match) -> str:
    """Return in a few words what makes two records alike."""
    message = one.rule.definition.message(visit.language)
    if message:
        return message
    if one.rule.definition.similar:
        return say("merge_alike", visit.language, percent=f"{one.score:.0%}")
    labels = [compiled.fields[name].label(visit.language) for name in one.rule.definition.exact]
    joined = ("、" if visit.language == "zh" else ", ").join(labels)
    return say("merge_same", visit.language, field=joined)


def panel(visit: Visit, compiled: CompiledObject, row: Row, /, *, binned: bool) -> str:
    """Return what a record's page says of its likely duplicates, or, in the bin, of the record that it went into; "" for nothing."""
    if not mergeable(compiled):
        return ""
    if binned:
        into = _went_into(visit, compiled, row["id"])
        return _gone(visit, compiled, into) if into else ""
    if not compiled.definition.duplicates:
        return ""
    found = likely_duplicates(visit.context, compiled.name, [row["id"]])
    if not found:
        return ""
    beside = row["id"] if may_merge(visit, compiled) else 0
    return visit.part("merging/panel.html", likely=listed(visit, compiled, found, beside))


def _gone(visit: Visit, compiled: CompiledObject, into: int) -> str:
    """Return what leads from a record that was merged to the one that stayed, by its title where that is there for the viewer."""
    found = read_page(visit.context, Query(compiled.name, ("id", compiled.title), ids=(into,), limit=1)).items
    label = called(found[0].get(compiled.title)) if found else ""
    return visit.part("merging/gone.html", url=f"/o/{compiled.name}/{into}", label=label or f"#{into}")


def _went_into(visit: Visit, compiled: CompiledObject, number: int) -> int:
    """Return the record that one in the bin was merged into, 0 where it was not."""
    for entry in read_history(visit.context.connection, compiled.name, number, limit=LOOKED_AT):
        change = entry.changes.get("id") if entry.action == "merged" else None
        if isinstance(change, list) and change[0] == number:
            return int(change[1])
    return 0
