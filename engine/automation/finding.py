"""Records that an action finds: the one that an option names, and those of an object that a condition chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.values import link_to, roots_of, scope_of, typed_in, values_of
from engine.records.compile import Records
from engine.records.effects import Bound
from engine.records.matching import matching_ids
from engine.refusals import Refusal
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.automation.doing import Doing
    from engine.expressions.values import Reader
    from metamodel.expressions.scope import Root

MOST = 10_000  # records that one action may take in hand at once: beyond that it is a mistake, and said to be one


def record_of(doing: Doing, given: Any) -> Bound:
    """Return the record that an option of the sort RECORD names; the subject where it was not given. Raises Refusal where a link that
    was to lead there is blank."""
    if given is None:
        return doing.about
    if not isinstance(given, Expression):
        return doing.names[str(given)]
    name = given.text.strip()
    if name in doing.names:
        return doing.names[name]
    if name == "record":
        return doing.about
    typed = typed_in(doing, given.text, scope_of(doing))
    number = values_of(doing, [typed])[0]
    if number is None or len(typed.type.objects) != 1:
        said = Text(zh=f"{given.text} 没有指向任何记录", en=f"{given.text} leads to no record")
        raise Refusal(409, "NO_RECORD", said)
    return Bound(typed.type.objects[0], int(str(number)))


def found_by(doing: Doing, object_name: str, where: Expression | None) -> list[int]:
    """Return the records of an object for which ``where`` holds: bare names are theirs, ``record.`` is the subject. Raises Refusal
    TOO_MANY beyond ``MOST``."""
    if where is None:
        ids = matching_ids(doing.context, object_name)
    else:
        roots: dict[str, Root] = {**scope_of(doing).names}
        readers: dict[str, Reader] = roots_of(doing, doing.context)
        if doing.subject is not None:
            roots["record"] = link_to(doing.subject.object)
        roots.pop("me", None)
        shapes = doing.context.runtime.part(Records).shapes
        condition = typed_in(doing, where.text, shapes.scope(object_name, **roots), BOOLEAN)
        context = doing.seen_by if "me" in condition.depends.needs else doing.context
        ids = matching_ids(context, object_name, condition, record=doing.subject, roots=readers)
    if len(ids) > MOST:
        said = Text(
            zh=f"一次最多处理 {MOST} 条记录，找到 {len(ids)} 条",
            en=f"{len(ids)} records were found, {MOST} are the most",
        )
        raise Refusal(409, "TOO_MANY", said)
    return ids
