"""What hangs on a definition, or on an entry of one: where others speak of it, found by taking it away and asking the checker, and how many
records hold something in it, counted through the door for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from designer.candidate import without
from designer.changes import Changes
from designer.preview import label_in
from designer.problems import Problem, problems
from designer.yaml_tree import EditFault
from engine.people.roles import holders
from engine.records.query import Query, read_totals
from engine.refusals import Refusal
from metamodel.diff_words import KINDS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work
    from metamodel.faults import Fault

# The maps of a kind whose entries others may speak of, and what one entry is.
PARTS: Mapping[str, Mapping[str, Text]] = {
    "object": {
        "fields": KINDS["field"],
        "views": Text(zh="视图", en="view"),
        "checks": Text(zh="校验", en="check"),
    },
    "choices": {"values": KINDS["choice"]},
    "process": {"states": KINDS["state"], "transitions": KINDS["transition"]},
    "approval": {"steps": KINDS["step"]},
    "dashboard": {"widgets": KINDS["widget"]},
    "report": {"measures": KINDS["measure"]},
    "connection": {"operations": KINDS["operation"], "inbound": KINDS["inbound"]},
}
_HOLD = Text(zh="{count} 条记录填有数据", en="{count} records hold data")
_HOLD_NONE = Text(zh="没有记录填有数据", en="no record holds data")
_CHOSEN = Text(zh="{count} 条记录选了它", en="{count} records have chosen it")
_CHOSEN_NONE = Text(zh="没有记录选它", en="no record has chosen it")
_IN = Text(zh="{count} 条记录正处于此状态", en="{count} records are in this state")
_IN_NONE = Text(zh="没有记录处于此状态", en="no record is in this state")
_THERE = Text(zh="共有 {count} 条记录", en="{count} records")
_THERE_NONE = Text(zh="还没有记录", en="no records yet")
_GRANTED = Text(zh="{count} 人拥有此角色", en="{count} people hold this role")
_GRANTED_NONE = Text(zh="没有人拥有此角色", en="nobody holds this role")


@dataclass(frozen=True, slots=True)
class Impact:
    """``title``: what it is about; ``told``: how much data hangs on it, "" where that is no question; ``uses``: places that speak of it."""

    title: str
    told: str
    count: int
    uses: tuple[Problem, ...]


def impact_of(work: Work, kind: str, name: str, path: tuple[str, ...]) -> Impact:
    """Return what hangs on an entry, of the whole definition where ``path`` is empty. Reads only."""
    told, count = told_of(work, kind, name, path)
    return Impact(title_of(work, kind, name, path), told, count, tuple(_uses(work, kind, name, path)))


def title_of(work: Work, kind: str, name: str, path: tuple[str, ...]) -> str:
    """Return what people call an entry: 字段「商机 · 预算」."""
    language = work.visit.language
    data: Any = work.candidate.data(kind, name)
    words, what = [label_in(data.get("label"), language, name)], KINDS[kind](language) if kind in KINDS else kind
    for part in path:
        inner = PARTS.get(kind, {}).get(part)
        data = data.get(part) if isinstance(data, dict) else None
        if inner is not None or part == "choices":
            what = inner(language) if inner is not None else KINDS["choice"](language)
            continue
        words.append(_label(data, language, part))
    label = " · ".join(words)
    return f"{what}「{label}」" if language == "zh" else f"{what} “{label}”"


def _label(data: Any, language: str, fallback: str) -> str:
    """Return what an entry is called: by its label, by itself where it is nothing but one, or by its name."""
    if isinstance(data, dict) and "label" in data:
        return label_in(data["label"], language, fallback)
    alone = isinstance(data, str) or (isinstance(data, dict) and data.keys() <= {"zh", "en"})
    return label_in(data if alone else None, language, fallback)


def parts_of(work: Work, kind: str, name: str) -> list[tuple[str, str]]:
    """Return the entries of a definition that can be asked about: path → what they are called."""
    data = work.candidate.data(kind, name)
    entries = [(part, list(data[part])) for part in PARTS.get(kind, {}) if isinstance(data.get(part), dict)]
    return [
        (f"{part}/{entry}", title_of(work, kind, name, (part, entry))) for part, listed in entries for entry in listed
    ]


def _uses(work: Work, kind: str, name: str, path: tuple[str, ...]) -> list[Problem]:
    """Return the places at fault if the entry were not there."""
    candidate, own = work.candidate, work.candidate.documents.get((kind, name))
    known = {_key(one) for one in work.desk.faults(candidate, candidate.files)}
    if not path:
        files = {file: text for file, text in candidate.files.items() if own is None or file != own.path}
        found = work.desk.faults(candidate, files, gone=(kind, name))
    else:
        changes = Changes(candidate)
        try:
            changes.remove(kind, name, path)
            files = changes.files
        except EditFault:
            files = without(candidate.files, own.path, path) if own else dict(candidate.files)
        found = work.desk.faults(candidate, files)
    said = "/".join(path)
    inside = f"site/{Changes(candidate).path_of(kind, name)[0]}"
    told = [one for one in found if _key(one) not in known and (one.mark.file, one.mark.path) != (inside, said)]
    return list({(one.place, one.url): one for one in problems(work, told)}.values())


def _key(fault: Fault) -> tuple[str, str, str]:
    return fault.mark.file, fault.mark.path, fault.code


def told_of(work: Work, kind: str, name: str, path: tuple[str, ...]) -> tuple[str, int]:
    """Return how much data hangs on a published entry, in words, and the number; "" where that is no question."""
    language = work.visit.language
    if kind == "role" and not path:
        return _counted(language, (_GRANTED, _GRANTED_NONE), len(holders(work.visit.context.connection, name)))
    asked = _asked(work, kind, name, path)
    if asked is None:
        return "", 0
    words, filters = asked
    counts = [count for object_name, text in filters if (count := _count(work, object_name, text)) is not None]
    return _counted(language, words, sum(counts)) if counts or not filters else ("", 0)


def _counted(language: str, words: tuple[Text, Text], count: int) -> tuple[str, int]:
    return (words[0] if count else words[1])(language).format(count=f"{count:,}"), count


def _count(work: Work, object_name: str, text: str) -> int | None:
    try:
        return read_totals(work.visit.as_system(), Query(object_name, filter=text, count=True)).count
    except Refusal:
        return None  # a field of rows, or one that is computed: nothing is stored in it


def _asked(
    work: Work, kind: str, name: str, path: tuple[str, ...]
) -> tuple[tuple[Text, Text], list[tuple[str, str]]] | None:
    """Return the words and the (object, filter) that count what hangs on an entry; None where records have nothing to do with it."""
    model = work.published
    if kind == "object" and name in model.objects:
        if not path:
            return (_THERE, _THERE_NONE), [(name, "")]
        if path[0] != "fields":
            return None
        if len(path) == 4 and path[2] == "choices":
            return (_CHOSEN, _CHOSEN_NONE), [(name, f'{path[1]} = "{path[3]}"')]
        return (_HOLD, _HOLD_NONE), [(name, f"not ISBLANK({path[1]})")] if path[1] in model.objects[name].fields else []
    if kind == "choices" and name in model.choices:
        users = [
            (one.name, field.name)
            for one in model.objects.values()
            for field in one.fields.values()
            if field.options.get("choices") == name
        ]
        if not path:
            return (_HOLD, _HOLD_NONE), [(one, f"not ISBLANK({field})") for one, field in users]
        return (_CHOSEN, _CHOSEN_NONE), [(one, f'{field} = "{path[-1]}"') for one, field in users]
    if kind == "process" and name in model.processes:
        process = model.processes[name]
        if not path:
            return (_HOLD, _HOLD_NONE), [(process.object, f"not ISBLANK({process.field})")]
        if path[0] == "states" and path[1] in process.states:
            return (_IN, _IN_NONE), [(process.object, f'{process.field} = "{path[1]}"')]
    return None
