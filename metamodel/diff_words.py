"""Changes of definitions in words, a line each in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.diff import DefinitionChange

KINDS = {
    "pack": Text(zh="包", en="pack"),
    "object": Text(zh="对象", en="object"),
    "field": Text(zh="字段", en="field"),
    "choices": Text(zh="选项列表", en="list of choices"),
    "choice": Text(zh="选项", en="choice"),
    "role": Text(zh="角色", en="role"),
    "scenario": Text(zh="情景", en="scenario"),
}
OPTIONS = {
    "type": Text(zh="类型", en="type"),
    "label": Text(zh="名称", en="label"),
    "help": Text(zh="帮助", en="help"),
    "required": Text(zh="必填", en="required"),
    "default": Text(zh="默认值", en="default"),
    "readonly": Text(zh="只读", en="readonly"),
    "hidden": Text(zh="隐藏", en="hidden"),
    "unique": Text(zh="唯一", en="unique"),
    "index": Text(zh="索引", en="index"),
    "search": Text(zh="搜索", en="search"),
    "title": Text(zh="标题字段", en="title"),
    "owner": Text(zh="负责人字段", en="owner"),
    "form": Text(zh="表单", en="form"),
    "views": Text(zh="视图", en="views"),
    "checks": Text(zh="校验", en="checks"),
    "menu": Text(zh="菜单", en="menu"),
    "version": Text(zh="版本", en="version"),
    "objects": Text(zh="对象权限", en="grants"),
    "fields": Text(zh="字段", en="fields"),
}


def describe(change: DefinitionChange) -> Text:
    """Return a change in one line."""
    kind = KINDS[change.kind]
    name = clip(change.name, 120)
    if change.act == "added":
        return Text(zh=f"新增{kind.zh} {name}", en=f"new {kind.en} {name}")
    if change.act == "removed":
        if change.kind == "field":
            return Text(zh=f"停用字段 {name}（列与数据保留）", en=f"field {name} retired (its column and data stay)")
        if change.kind == "object":
            return Text(zh=f"停用对象 {name}（表与数据保留）", en=f"object {name} retired (its table and data stay)")
        return Text(zh=f"移除{kind.zh} {name}", en=f"{kind.en} {name} removed")
    if change.act == "renamed":
        return Text(
            zh=f"{kind.zh} {clip(change.was, 120)} 改名为 {name}",
            en=f"{kind.en} {clip(change.was, 120)} renamed to {name}",
        )
    option = OPTIONS.get(change.option, Text(zh=change.option, en=change.option))
    if change.act == "moved":
        return Text(
            zh=f"{kind.zh} {name} 的{_tight(option.zh)}顺序改变", en=f"{kind.en} {name}: new order of {option.en}"
        )
    old, new = _shown(change.old), _shown(change.new)
    if old is None or new is None:
        return Text(zh=f"{kind.zh} {name} 的{_tight(option.zh)}改变", en=f"{kind.en} {name}: {option.en} changed")
    return Text(
        zh=f"{kind.zh} {name} 的{_tight(option.zh)}由 {old.zh} 改为 {new.zh}",
        en=f"{kind.en} {name}: {option.en} {old.en} → {new.en}",
    )


def _tight(text: str) -> str:
    """Put spaces around what is not Chinese."""
    return f" {text} " if text.isascii() else text


def _shown(value: object) -> Text | None:
    """Return a value short enough for the line, None where it is a structure."""
    if value is None:
        return Text(zh="无", en="none")
    if isinstance(value, bool):
        return Text(zh="是" if value else "否", en="yes" if value else "no")
    if isinstance(value, Text):
        return Text(zh=f"「{clip(value('zh'), 40)}」", en=f"“{clip(value('en'), 40)}”")
    found = getattr(value, "text", None)
    text = found if isinstance(found, str) else str(value) if isinstance(value, (str, int, Decimal)) else None
    if text is None:
        return None
    shown = clip(text, 60) or '""'
    return Text(zh=shown, en=shown)
