"""Mentions: ``@`` and the name or log-in of a colleague, who is told of the comment if they may read what it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.context import SYSTEM
from engine.fields.base import called
from engine.fields.record import pointed
from engine.people.actors import load_profile
from engine.people.telling import Message, tell
from engine.records.compile import Records
from engine.records.lookup import find_records
from engine.records.query import read_one
from engine.records.rights import named_to_all
from engine.records.shape import USER
from engine.records.stages import Stage
from engine.refusals import Refusal
from engine.talk.following import take_along
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.fields.base import Target
    from engine.records.stages import Act, Staged
    from metamodel.definitions.model import Model

COMMENT = "comment"
MOST = 20  # people that one comment tells
LONGEST = 24  # characters of a name
SHOWN = 200  # characters of a comment in a message
_AT = re.compile(r"(?<![\w.])[@＠](\w[\w .\-]*)")


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named in a text: where, and whom the name means (several colleagues may share one)."""

    start: int
    end: int
    ids: tuple[int, ...]


def find_mentions(context: Context, text: str) -> list[Mention]:
    """Return the mentions in a text. Of names that begin alike the longest counts, so that no blank is needed after it."""
    places = list(_AT.finditer(text))[:MOST]
    candidates = {place[1][:length].rstrip() for place in places for length in range(1, LONGEST + 1)}
    if not candidates:
        return []
    asked = [(one,) for one in sorted(candidates)]
    known: dict[str, set[int]] = {}
    for field in ("login", "name"):
        for (name,), ids in find_records(replace(context, actor=SYSTEM), USER, (field,), asked).items():
            known.setdefault(str(name), set()).update(one.id for one in ids)
    found = []
    for place in places:
        names = (place[1][:length].rstrip() for length in range(LONGEST, 0, -1))
        name = next((one for one in names if one in known), "")
        if name:
            found.append(Mention(place.start(), place.start(1) + len(name), tuple(sorted(known[name]))))
    return found


def talk_stages(model: Model) -> tuple[Stage, ...]:
    """Return the share in commands over comments: telling whoever is mentioned, and following what one talks about."""
    return (Stage("mentions", frozenset({COMMENT}), after=_tell),) if COMMENT in model.objects else ()


def _tell(context: Context, _object: str, act: Act, rows: Sequence[Staged]) -> None:
    if act.kind not in {"create", "update"}:
        return
    for row in rows:
        body, about = row.new.get("body") or "", row.new.get("about")
        if about is None or body == row.old.get("body"):
            continue
        people = {number for mention in find_mentions(context, body) for number in mention.ids}
        if row.old.get("body"):
            people -= {number for mention in find_mentions(context, row.old["body"]) for number in mention.ids}
        target = pointed(about)
        told = [number for number in sorted(people - {context.actor.id})[:MOST] if _may_read(context, number, target)]
        if told:
            tell(context, [_message(context, row.id, target, body, tuple(told))])
        take_along(context, target, [*told, *([context.actor.id] if context.actor.id is not None else [])])


def _may_read(context: Context, number: int, target: Target) -> bool:
    profile = load_profile(context.connection, user_id=number)
    if profile is None or profile.frozen:
        return False
    try:
        read_one(replace(context, actor=profile.actor), target.object, target.id, ("id",))
    except Refusal:
        return False
    return True


def _message(context: Context, comment: int, target: Target, body: str, people: tuple[int, ...]) -> Message:
    records = context.runtime.part(Records)
    name = records.objects[target.object].title
    row = read_one(replace(context, actor=SYSTEM), target.object, target.id, (name,))
    title = row[name] if named_to_all(records, target.object) else None
    label, who = called(title) or f"#{target.id}", context.actor.name or context.actor.login
    shown = body if len(body) <= SHOWN else body[: SHOWN - 1] + "…"
    return Message(
        to=people,
        subject=Text(zh=f"{who} 在「{label}」中提到了您", en=f"{who} mentioned you on {label}"),
        body=Text(zh=shown, en=shown),
        key=f"comment/{comment}",
        kind=COMMENT,
        object=target.object,
        record_id=target.id,
        link=f"/o/{target.object}/{target.id}#comment-{comment}",
    )
