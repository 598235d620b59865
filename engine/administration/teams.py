"""Taking people into the team of a record: they are told, and it is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.people.auditing import note
from engine.people.telling import Message, tell
from engine.records import sharing
from engine.records.compile import Records
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context


def take_in(context: Context, object_name: str, record_id: int, user_id: int, role: str) -> None:
    """Take somebody into a record's team. Raises Refusal 404, 403, 422."""
    if not sharing.share(context, object_name, record_id, user_id, role):
        return
    note(context, "share", object_name, record_id, {"user": user_id, "role": role})
    if user_id == context.actor.id:
        return
    definition = context.runtime.part(Records).objects[object_name].definition
    part = definition.team.roles[role].label if definition.team is not None else Text(role, role)
    who = context.actor.name or context.actor.login
    said = Text(
        zh=f"{who} 邀请您加入{definition.label.zh}团队，角色：{part('zh')}",
        en=f"{who} has taken you into the team of a {definition.label('en').lower()} as {part('en')}",
    )
    subject = Text(zh="您加入了一个团队", en="You are in a team")
    key = f"team {object_name} {record_id} {user_id} {role} {context.now.isoformat()}"
    message = Message((user_id,), said, key, subject, "team", object=object_name, record_id=record_id)
    tell(context, [message])


def take_out(context: Context, object_name: str, record_id: int, user_id: int, role: str = "") -> None:
    """Take somebody out of a record's team, out of one part or of all. Raises Refusal 404, 403."""
    if sharing.unshare(context, object_name, record_id, user_id, role):
        note(context, "unshare", object_name, record_id, {"user": user_id, "role": role})
