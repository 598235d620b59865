"""What stands against publishing a draft, in plain words: each fault with its place as people call it and the page that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from designer.options import LABELS
from designer.preview import label_in
from metamodel.diff_words import KINDS, OPTIONS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from designer.work import Work
    from metamodel.faults import Fault

PARTS = {
    "fields": "field",
    "states": "state",
    "transitions": "transition",
    "steps": "step",
    "widgets": "widget",
    "choices": "choice",
}
_HERE = "必须满足", "what must hold"
PLACES: Mapping[str, Text] = {  # parts of a definition that have no words elsewhere
    "visible_when": Text(zh="何时显示", en="shown when"),
    "required_when": Text(zh="何时必填", en="required when"),
    "readonly_when": Text(zh="何时只读", en="read only when"),
    "require": Text(*_HERE),
    "message": Text(zh="提示", en="message"),
    "card": Text(zh="卡片", en="card"),
    "columns": Text(zh="列", en="columns"),
    "sort": Text(zh="排序", en="sorting"),
    "totals": Text(zh="合计", en="totals"),
    "filter": Text(zh="筛选", en="filter"),
    "tabs": Text(zh="标签页", en="tab"),
    "sections": Text(zh="分区", en="section"),
    "related": Text(zh="相关列表", en="related lists"),
    "duplicates": Text(zh="查重", en="duplicates"),
    "pool": Text(zh="公海", en="pool"),
    "items": Text(zh="菜单项", en="entries"),
    "owner": Text(zh="负责人字段", en="owner"),
    "metric": Text(zh="指标", en="metric"),
    "effects": Text(zh="后续动作", en="what follows"),
    "done_when": Text(zh="完成条件", en="done when"),
    "at": Text(zh="时间字段", en="moment"),
    "from": Text(zh="来源状态", en="from"),
    "view": Text(zh="视图", en="view"),
    "role": Text(zh="角色", en="role"),
    "agenda": Text(zh="日历", en="calendar"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault as it is listed. ``url`` leads to where it is mended; ``line`` is that in the file."""

    place: str
    message: str
    hint: str
    url: str
    code: str
    line: int
    column: int
    warning: bool = False


def problems(work: Work, faults: Iterable[Fault]) -> list[Problem]:
    """Return faults as people read them."""
    language = work.visit.language
    return [
        Problem(
            place_words(work, one),
            one.message(language),
            one.hint(language),
            _url(work, one),
            one.code,
            one.mark.line,
            one.mark.column,
            one.severity != "error",
        )
        for one in faults
    ]


def _definition(work: Work, fault: Fault) -> tuple[str, str]:
    return work.candidate.definitions.get(fault.mark.file, ("", ""))


def place_words(work: Work, fault: Fault) -> str:
    """Return where a fault is, as people call it: 商机 › 预算 › 算式."""
    kind, name = _definition(work, fault)
    language = work.visit.language
    if not kind:
        return fault.mark.file
    data = work.candidate.data(kind, name)
    words = [f"{KINDS[kind](language)} {label_in(data.get('label'), language, name)}" if kind in KINDS else name]
    fields = _labels(work, data)
    holder: object = data
    options: Mapping[str, Any] = {}  # of the action that the path went through last
    actions: Mapping[str, Any] = work.candidate.kinds.actions
    for part in fault.mark.path.split("/") if fault.mark.path else ():
        holder = holder.get(part) if isinstance(holder, dict) else None
        if part in PARTS or part.isdecimal() or _is_act(actions, holder):
            continue
        label = holder.get("label") if isinstance(holder, dict) else None
        known = options[part].label if part in options else _words(work, kind, part)
        options = actions[part].options.named if part in actions else options
        said = label_in(label, language, "") or fields.get(part) or (known(language) if known else part)
        words.append(said)
    return " › ".join(words)


def _is_act(actions: Mapping[str, Any], holder: object) -> bool:
    """Whether an entry is one action, whose verb comes next: what it is named says nothing to people."""
    return isinstance(holder, dict) and len(holder) == 1 and next(iter(holder)) in actions


def _words(work: Work, kind: str, part: str) -> Text | None:
    """Return what a part of a definition is called: its own words, those of a kind of action, trigger or assignee, or an object's label."""
    kinds: Any = work.candidate.kinds
    made = kinds.actions.get(part) or kinds.triggers.get(part) or kinds.assignees.get(part)
    definition = work.model.objects.get(part)
    own = (LABELS, OPTIONS) if kind == "object" else (OPTIONS, LABELS)
    found = PLACES.get(part) or (made.label if made else None) or own[0].get(part) or own[1].get(part)
    return found or (definition.label if definition else None)


def _labels(work: Work, data: dict[str, object]) -> dict[str, str]:
    """Return what people call the fields that a definition may speak of: those of its object."""
    target = str(data.get("object") or "")
    definition = work.model.objects.get(target)
    language = work.visit.language
    return {name: one.label(language) for name, one in definition.fields.items()} if definition else {}


def _url(work: Work, fault: Fault) -> str:
    kind, name = _definition(work, fault)
    parts = fault.mark.path.split("/")
    if kind == "object" and len(parts) > 1 and parts[0] in {"fields", "visible_when", "required_when", "readonly_when"}:
        return f"/designer/objects/{name}?field={quote(parts[1])}"
    return f"/designer/source/{kind}/{name}?line={fault.mark.line}" if kind else "/designer"
