"""What changes inside an object's form, views and conditions, said entry by entry with the labels that people know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from designer.problems import PLACES
from metamodel.diff_words import OPTIONS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FormDef, ObjectDef, ViewDef
    from metamodel.diff import DefinitionChange

CONDITIONS = ("visible_when", "required_when", "readonly_when")
_NEW = Text(zh="新增{what}「{name}」", en="new {what} “{name}”")
_GONE = Text(zh="移除{what}「{name}」", en="{what} “{name}” removed")
_CHANGED = Text(zh="{what}「{name}」：{parts}有变化", en="{what} “{name}”: {parts} changed")
_ORDER = Text(zh="{what}的顺序有变化", en="new order of {what}")
_WHEN = Text(zh="「{name}」{what}：{text}", en="“{name}” {what}: {text}")
_ALWAYS = Text(zh="「{name}」{what}：不再有条件", en="“{name}” {what}: no condition any more")
_ON = Text(zh="「{name}」放到「{place}」", en="“{name}” put into “{place}”")
_OFF = Text(zh="「{name}」移出表单", en="“{name}” taken off the form")
_MOVED = Text(zh="「{name}」从「{was}」移到「{place}」", en="“{name}” moved from “{was}” to “{place}”")
_SORTED = Text(zh="「{place}」里字段的顺序有变化", en="new order of fields in “{place}”")
_VIEW, _CHECK, _UNIQUE = (
    Text(zh="视图", en="view"),
    Text(zh="校验", en="check"),
    Text(zh="不允许重复的组合", en="unique combination"),
)
_DUPLICATES = Text(zh="查重规则", en="rule of duplicates")
_CHOICE = Text(zh="选项", en="choice")
_RETIRED = Text(zh="停用选项「{name}」", en="choice “{name}” retired")
_AGAIN = Text(zh="恢复选项「{name}」", en="choice “{name}” used again")
_SOURCE = Text(zh="选项的来源改变", en="another source of choices")
_FORM = Text(zh="表单", en="form")
_LAYOUT = Text(zh="表单的名称、列数或相关列表有变化", en="labels, columns or related lists of the form changed")


def details(model: Model, one: DefinitionChange, language: str) -> list[str]:
    """Return what a change of an object's form, views, checks or conditions is made of; nothing where it is of another sort."""
    if one.act != "changed":
        return []
    if one.kind == "field" and one.option == "choices":
        return list(_choices(one, language))
    definition = model.objects.get(one.name) if one.kind == "object" else None
    if definition is None:
        return []
    make = _WAYS.get(one.option)
    return list(dict.fromkeys(make(definition, one, language))) if make is not None else []


def _choices(one: DefinitionChange, language: str) -> Iterator[str]:
    """Tell of a field's own choices; where they come from a shared list on one side, of that."""
    if not isinstance(one.old, Mapping) or not isinstance(one.new, Mapping):
        yield _SOURCE(language)
        return
    for name, choice in one.new.items():
        before, shown = one.old.get(name), choice.label(language) or name
        if before is None:
            yield _NEW(language).format(what=_CHOICE(language), name=shown)
        elif choice.retired != before.retired:
            yield (_RETIRED if choice.retired else _AGAIN)(language).format(name=shown)
        elif choice.label != before.label or choice.color != before.color:
            parts = [part for part in ("label", "color") if getattr(choice, part) != getattr(before, part)]
            told = ("、" if language == "zh" else ", ").join(OPTIONS[part](language) for part in parts)
            yield _CHANGED(language).format(what=_CHOICE(language), name=shown, parts=told)
    for name, choice in one.old.items():
        if name not in one.new:
            yield _GONE(language).format(what=_CHOICE(language), name=choice.label(language) or name)
    kept = [name for name in one.new if name in one.old]
    if kept != [name for name in one.old if name in one.new]:
        yield _ORDER(language).format(what=_CHOICE(language))


def _label(definition: ObjectDef, name: str, language: str) -> str:
    found = definition.fields.get(name)
    return found.label(language) if found is not None else name


def _conditions(definition: ObjectDef, one: DefinitionChange, language: str) -> Iterator[str]:
    for name in dict.fromkeys((*one.old, *one.new)):
        old, new = one.old.get(name), one.new.get(name)
        if (old.text if old else "") == (new.text if new else ""):
            continue
        words = {"name": _label(definition, name, language), "what": PLACES[one.option](language)}
        yield _WHEN(language).format(**words, text=new.text) if new else _ALWAYS(language).format(**words)


def _entries(
    what: Text, called: Callable[[Any, str], str]
) -> Callable[[ObjectDef, DefinitionChange, str], Iterator[str]]:
    """Return what tells of a map of entries, each named by ``called``."""

    def tell(_definition: ObjectDef, one: DefinitionChange, language: str) -> Iterator[str]:
        words = what(language)
        for name, entry in one.new.items():
            before, shown = one.old.get(name), called(entry, language)
            if before is None:
                yield _NEW(language).format(what=words, name=shown)
                continue
            parts = _differing(before, entry, language)
            if parts:
                yield _CHANGED(language).format(
                    what=words, name=shown, parts=("、" if language == "zh" else ", ").join(parts)
                )
        for name, entry in one.old.items():
            if name not in one.new:
                yield _GONE(language).format(what=words, name=called(entry, language))
        kept = [name for name in one.new if name in one.old]
        if kept != [name for name in one.old if name in one.new]:
            yield _ORDER(language).format(what=words)

    return tell


def _differing(before: Any, after: Any, language: str) -> list[str]:
    """Return the parts of an entry that say something else, by what they are called."""
    found = []
    for part in fields(after):
        old, new = getattr(before, part.name), getattr(after, part.name)
        if getattr(old, "text", old) != getattr(new, "text", new):
            known = PLACES.get(part.name) or OPTIONS.get(part.name)
            found.append(known(language) if known else part.name)
    return found


def _form(definition: ObjectDef, one: DefinitionChange, language: str) -> Iterator[str]:
    was, now = _places(one.old, language), _places(one.new, language)
    moved = False
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name), now.get(name)
        words = {
            "name": _label(definition, name, language),
            "place": new[1] if new else "",
            "was": old[1] if old else "",
        }
        if old is None or new is None:
            moved = True
            if name in definition.fields:
                yield (_OFF if new is None else _ON)(language).format(**words)
        elif old[0] != new[0]:
            moved = True
            yield _MOVED(language).format(**words)
    for key, (shown, listed) in _sections(one.new, language).items():
        before = _sections(one.old, language).get(key, ("", ()))[1]
        kept = [name for name in listed if name in before]
        if kept != [name for name in before if name in listed]:
            moved = True
            yield _SORTED(language).format(place=shown)
    if not moved:
        yield _LAYOUT(language)


def _sections(form: FormDef, language: str) -> Mapping[tuple[str, str], tuple[str, tuple[str, ...]]]:
    return {
        (tab.name, section.name): (section.label(language) or tab.label(language) or _FORM(language), section.fields)
        for tab in form.tabs.values()
        for section in tab.sections.values()
    }


def _places(form: FormDef, language: str) -> dict[str, tuple[tuple[str, str], str]]:
    """Return where each field is: the section, and what it is called."""
    return {name: (key, shown) for key, (shown, listed) in _sections(form, language).items() for name in listed}


def _view_name(view: ViewDef, language: str) -> str:
    return view.label(language) or view.name


def _check_name(check: Any, language: str) -> str:
    return str(check.message(language) or check.name)


_WAYS: Mapping[str, Callable[[ObjectDef, DefinitionChange, str], Iterator[str]]] = {
    "views": _entries(_VIEW, _view_name),
    "checks": _entries(_CHECK, _check_name),
    "unique": _entries(_UNIQUE, _check_name),
    "duplicates": _entries(_DUPLICATES, _check_name),
    "form": _form,
    **dict.fromkeys(CONDITIONS, _conditions),
}
