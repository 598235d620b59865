"""What followers are told: one message for all that happened to a record within a while, said to each by their own rights at the moment
of telling: the fields that they may read, the comments and files that they may see, and nothing that they did themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.context import SYSTEM
from engine.fields.base import called
from engine.fields.literals import quoted
from engine.fields.record import pointer
from engine.people.actors import load_profile
from engine.people.telling import Message, tell
from engine.records.compile import Records
from engine.records.granted import granted
from engine.records.query import Query, read_one, read_page
from engine.records.rights import Right, rights_of
from engine.records.shape import USER
from engine.refusals import Refusal
from engine.storage.history import read_history
from engine.storage.sharing_tables import follow as table
from engine.storage.ticks import Tick
from engine.talk.mentions import COMMENT, find_mentions
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.context import Context
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.storage.history import HistoryRow
    from engine.storage.ticks import Do

KIND = "follow"
QUIET = timedelta(minutes=1)  # without anything new: then what happened is told
LONGEST = timedelta(minutes=10)  # that it waits for things to become quiet
BATCH = 100
CHANGES, ADDED, NAMED = 50, 10, 8  # changes looked at, comments and files told, fields named
_OWN = table.c


@dataclass(frozen=True, slots=True)
class _Row:
    """One follower of one record, and what of it they have not heard: all after ``after``."""

    object: str
    id: int
    user_id: int
    first_at: datetime
    last_at: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class _Added:
    """Something that was put to a record: a comment, a file."""

    object: str
    who: str
    title: str


def make_tick() -> Tick:
    """Return the clock's work: telling followers."""
    return Tick("followers", _is_due, _run, seconds=5.0, often=True)


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    waited = sa.or_(_OWN.last_at <= now - QUIET, _OWN.first_at <= now - LONGEST)
    return _OWN.first_at.is_not(None), waited


def _is_due(connection: sa.Connection, now: datetime) -> bool:
    return bool(connection.scalar(sa.select(sa.exists().where(*_due(now)))))


def _run(do: Do) -> None:
    while do(tell_followers) == BATCH:
        pass


def tell_followers(context: Context) -> int:
    """Tell followers what is due; return of how many records and people that was looked at."""
    names = ("object", "record_id", "user_id", "first_at", "last_at", "told_at", "since")
    asked = sa.select(*(_OWN[name] for name in names)).where(*_due(context.now)).order_by(_OWN.first_at).limit(BATCH)
    rows = [
        _Row(object_name, number, user_id, first, last, max(first - timedelta(microseconds=1), told_at or since))
        for object_name, number, user_id, first, last, told_at, since in context.connection.execute(
            asked.with_for_update(skip_locked=True)
        )
    ]
    tell(context, [message for row in rows if (message := _message(context, row)) is not None])
    for row in rows:
        done = (_OWN.object == row.object, _OWN.record_id == row.id, _OWN.user_id == row.user_id)
        values = {"first_at": None, "last_at": None, "told_at": row.last_at}
        context.connection.execute(sa.update(table).where(*done).values(values))
    return len(rows)


def _message(context: Context, row: _Row) -> Message | None:
    """Return what somebody is told of a record; None where there is nothing to tell them, or nothing that they may know."""
    compiled = context.runtime.part(Records).objects.get(row.object)
    profile = load_profile(context.connection, user_id=row.user_id)
    if compiled is None or profile is None or profile.frozen:
        return None
    theirs = replace(context, actor=profile.actor)
    if row.id not in granted(theirs, row.object, [row.id], "read"):
        return None
    record, binned = _record(context, compiled, row.id)
    if record is None:
        return None
    history = [one for one in _history(context, compiled, row) if one.actor != row.user_id]
    added = [] if binned else _added(theirs, compiled, row)
    fields = _fields(theirs, compiled, history)
    acts = {one.action for one in history}
    if not added and not fields and not acts & {"deleted", "restored", "merged"} and compiled.definition.history:
        return None
    names = _names(context, compiled, history, fields)
    label = _label(theirs, compiled, record)
    who = _together([names.get(one.actor or 0, "") for one in history], [one.who for one in added])
    body = [part for part in (_said_fields(compiled, fields, names), *_said_added(context, added)) if part is not None]
    subject = _subject(who, label, acts, _what(fields, added))
    return Message(
        to=(row.user_id,),
        subject=subject,
        body=Text(zh=" · ".join(one.zh for one in body), en=" · ".join(one.en for one in body)) if body else subject,
        key=f"follow/{row.object}/{row.id}/{row.first_at.isoformat()}",
        kind=KIND,
        object=row.object,
        record_id=row.id,
    )


def _record(context: Context, compiled: CompiledObject, number: int) -> tuple[Row | None, bool]:
    """Return a record's title, and whether it lies in the bin; None where it is not there at all."""
    for binned in (False, True):
        try:
            found = read_one(replace(context, actor=SYSTEM), compiled.name, number, (compiled.title,), binned=binned)
        except Refusal:
            continue
        return found, binned
    return None, False


def _history(context: Context, compiled: CompiledObject, row: _Row) -> list[HistoryRow]:
    former = context.runtime.part(Records).former(context.connection, compiled.name)
    found = read_history(context.connection, compiled.name, row.id, limit=CHANGES, former=former)
    return [one for one in reversed(found) if one.at > row.after]


def _fields(theirs: Context, compiled: CompiledObject, history: Sequence[HistoryRow]) -> dict[str, Any]:
    """Return what the reader may read of the fields that people changed, with their last value; those that came out as they were are left
    out, and so is what follows from others."""
    rights = rights_of(compiled.records, theirs.actor)
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for one in history:
        for name, change in one.changes.items():
            field = compiled.fields.get(name)
            if one.action != "updated" or field is None or field.kind.computed:
                continue
            if rights.field(compiled.name, name).least < Right.READ:
                continue
            old, new = change if isinstance(change, list) and len(change) == 2 else (None, change)
            first.setdefault(name, old)
            last[name] = new
    changed = [name for name in compiled.fields if name in last]
    return {name: last[name] for name in changed if last[name] != first[name] or isinstance(last[name], list)}


def _added(theirs: Context, compiled: CompiledObject, row: _Row) -> list[_Added]:
    """Return comments and files of others; a comment that names the reader was told them as such, a file in a field with the field."""
    found: list[_Added] = []
    rights = rights_of(compiled.records, theirs.actor)
    for side in compiled.reverse.values():
        if not side.every or not rights.grants(side.object, "read"):
            continue
        other = compiled.records.objects[side.object]
        holder = str(other.fields[side.field].options.get("of_field", ""))
        where = f"{side.field} = {quoted(pointer(row.object, row.id))} and created_at > after"
        fields = (other.title, "created_by", *(("body",) if other.name == COMMENT else ()))
        asked = Query(
            other.name,
            fields,
            filter=f"{where} and ISBLANK({holder})" if holder in other.fields else where,
            values={"after": row.after},
            sort=("created_at",),
            limit=ADDED,
        )
        for one in read_page(theirs, asked).items:
            writer = one["created_by"]
            if (writer is not None and writer.id == row.user_id) or _names_reader(theirs, one.get("body"), row.user_id):
                continue
            found.append(_Added(other.name, writer.label if writer is not None else "", str(one[other.title] or "")))
    return found


def _names_reader(context: Context, body: object, reader: int) -> bool:
    return isinstance(body, str) and any(reader in one.ids for one in find_mentions(context, body))


def _names(
    context: Context, compiled: CompiledObject, history: Sequence[HistoryRow], fields: Mapping[str, Any]
) -> dict[int, str]:
    """Return the names of who did something, and of whom the record was given to; colleagues are known to everybody."""
    ids = {one.actor for one in history if one.actor is not None}
    if isinstance(fields.get(compiled.owner), int):
        ids.add(fields[compiled.owner])
    if not ids:
        return {}
    asked = Query(USER, ("name", "login"), ids=tuple(sorted(ids)), limit=len(ids))
    rows = read_page(replace(context, actor=SYSTEM), asked).items
    return {row["id"]: str(row["name"] or row["login"]) for row in rows}


def _label(theirs: Context, compiled: CompiledObject, record: Row) -> str:
    """Return what the record is called, for somebody who may not read its title its number."""
    readable = rights_of(compiled.records, theirs.actor).field(compiled.name, compiled.title).least >= Right.READ
    return (called(record[compiled.title]) if readable else "") or f"#{record['id']}"


def _together(*names: Sequence[str]) -> Text:
    """Return people as one text, each once; nobody is the system."""
    found = list(dict.fromkeys(one for some in names for one in some if one))
    if not found:
        return Text(zh="系统", en="The system")
    if len(found) > 3:
        return Text(zh=f"{found[0]} 等 {len(found)} 人", en=f"{found[0]} and {len(found) - 1} others")
    return Text(zh="、".join(found), en=" and ".join([", ".join(found[:-1]), found[-1]] if found[1:] else found))


def _what(fields: Mapping[str, Any], added: Sequence[_Added]) -> str:
    """Return what sort of news it is where it is of one sort: changed, comment, file; "" for several."""
    sorts = {"comment" if one.object == COMMENT else "file" for one in added} | ({"changed"} if fields else set())
    return sorts.pop() if len(sorts) == 1 else "" if sorts else "changed"


def _subject(who: Text, label: str, acts: set[str], what: str) -> Text:
    if "deleted" in acts and "restored" not in acts:
        return Text(zh=f"{who.zh} 删除了「{label}」", en=f"{who.en} deleted {label}")
    if "restored" in acts:
        return Text(zh=f"{who.zh} 恢复了「{label}」", en=f"{who.en} restored {label}")
    if "merged" in acts:
        return Text(zh=f"{who.zh} 把重复的记录合并到「{label}」", en=f"{who.en} merged duplicates into {label}")
    return {
        "changed": Text(zh=f"{who.zh} 修改了「{label}」", en=f"{who.en} changed {label}"),
        "comment": Text(zh=f"{who.zh} 评论了「{label}」", en=f"{who.en} commented on {label}"),
        "file": Text(zh=f"{who.zh} 给「{label}」添加了文件", en=f"{who.en} added files to {label}"),
        "": Text(zh=f"「{label}」有新动态：{who.zh}", en=f"News on {label}: {who.en}"),
    }[what]


def _said_fields(compiled: CompiledObject, fields: Mapping[str, Any], names: Mapping[int, str]) -> Text | None:
    if not fields:
        return None
    said = [_said_field(compiled.fields[name], value, names, compiled.owner) for name, value in fields.items()]
    more = len(said) - NAMED
    zh, en = "、".join(one.zh for one in said[:NAMED]), ", ".join(one.en for one in said[:NAMED])
    return Text(zh=f"{zh} 等 {len(said)} 项", en=f"{en} and {more} more") if more > 0 else Text(zh=zh, en=en)


def _said_field(field: Field, value: Any, names: Mapping[int, str], owner: str) -> Text:
    """Return a field's label; with what it is now where that is a state, a choice, or the one whom the record was given to."""
    label, now = field.label, None
    if isinstance(value, str) and value in field.choices:
        now = field.choices[value].label
    elif field.name == owner and isinstance(value, int) and value in names:
        now = Text(zh=names[value], en=names[value])
    if now is None:
        return Text(zh=label("zh"), en=label("en"))
    return Text(zh=f"{label('zh')} → {now('zh')}", en=f"{label('en')} → {now('en')}")


def _said_added(context: Context, added: Sequence[_Added]) -> list[Text]:
    """Return comments, each by its writer and its beginning, and the names of files."""
    said = [_written(one) for one in added if one.object == COMMENT]
    objects = context.runtime.part(Records).objects
    for name in dict.fromkeys(one.object for one in added if one.object != COMMENT):
        titles, label = [one.title for one in added if one.object == name], objects[name].definition.label
        said.append(Text(zh=f"{label('zh')}：{'、'.join(titles)}", en=f"{label('en')}: {', '.join(titles)}"))
    return said


def _written(one: _Added) -> Text:
    return Text(
        zh=f"{one.who}：{one.title}" if one.who else one.title, en=f"{one.who}: {one.title}" if one.who else one.title
    )
