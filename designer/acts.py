"""What somebody can do on the designer's page of an object: one function an act, each one edit of the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from designer import choices as chosen
from designer import fields
from designer.builder import posted
from designer.palette import offers
from designer.preview import label_text
from designer.structure import NEW, move_to, read_structure, step, take_off, write_structure
from designer.work import Seen, change
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

    from designer.bench import Standing
    from designer.changes import Changes
    from designer.work import Work

    Make = Callable[["Act", Changes], None]
OBJECT = fields.OBJECT


@dataclass
class Act:
    """One act: what was posted, and where the page stands afterwards."""

    work: Work
    object: str
    form: MultiDict[str, str]
    standing: Standing

    def get(self, name: str) -> str:
        """Return a posted value, "" where there is none."""
        return self.form.get(name, "")

    @property
    def field(self) -> str:
        """Return the field that the act is about."""
        return self.get("field")

    @property
    def words(self) -> Text:
        """Return what people call that field."""
        data = self.work.candidate.data(OBJECT, self.object).get("fields") or {}
        said = data.get(self.field) if isinstance(data, dict) else None
        return label_text(said.get("label") if isinstance(said, dict) else None, self.field)

    @property
    def label(self) -> Text:
        """Return what people call the object."""
        return label_text(self.work.candidate.data(OBJECT, self.object).get("label"), self.object)


def perform(work: Work, object_name: str, form: MultiDict[str, str], standing: Standing) -> Standing:
    """Do what was posted; return where the page stands then. Raises Refusal for what can't be done."""
    name = form.get("act", "")
    if name not in ACTS:
        raise Refusal(422, "UNKNOWN_ACT", Text(zh=f"没有操作 {name}。", en=f"There is no act {name}."))
    make, words = ACTS[name]
    act = Act(work, object_name, form, standing)
    said = words.format(object=act.label, field=act.words, value=act.get("value")[:40])
    rev = form.get("rev", "")
    change(work, said, lambda changes: make(act, changes), Seen(int(rev) if rev.isdecimal() else 0))
    return act.standing


def _add(act: Act, changes: Changes) -> None:
    offer = next(
        (one for listed in offers(act.work, act.object).values() for one in listed if one.kind.name == act.get("type")),
        None,
    )
    if offer is None:
        raise Refusal(422, "UNKNOWN_TYPE", Text(zh="没有这种字段。", en="There is no such type."))
    name = fields.add_field(act.work, changes, act.object, offer, _target(act))
    act.standing = replace(act.standing, field=name, typing=True)


def _target(act: Act) -> tuple[str, str, int | None]:
    """Return where something is put: where it was dropped, behind the selected field, or at the end of the tab that is seen."""
    index = act.get("index")
    if act.get("section"):
        return act.get("tab") or act.standing.tab, act.get("section"), int(index) if index.isdecimal() else None
    structure = read_structure(act.work.candidate, act.object)
    at = structure.place(act.standing.field) if act.standing.field else None
    if at is not None:
        return at[0].name, at[1].name, at[1].fields.index(act.standing.field) + 1
    tab = next((one for one in structure.tabs if one.name == act.standing.tab), structure.tabs[0])
    section = next((one for one in tab.sections if one.columns > 1), tab.sections[0] if tab.sections else None)
    return tab.name, section.name if section else NEW, None


def _restructure(act: Act, changes: Changes, work: Callable[..., None], *given: object) -> None:
    before, after = read_structure(act.work.candidate, act.object), read_structure(act.work.candidate, act.object)
    work(after, act.field, *given)
    write_structure(changes, act.object, before, after)


def _move(act: Act, changes: Changes) -> None:
    tab, section, index = _target(act)
    _restructure(act, changes, move_to, tab, section, index)
    act.standing = replace(act.standing, field=act.field)


def _place(act: Act, changes: Changes) -> None:
    tab, _, section = act.get("value").partition("/")
    _restructure(act, changes, move_to, tab, section, None)


def _step(act: Act, changes: Changes) -> None:
    _restructure(act, changes, step, -1 if act.get("by") == "-1" else 1)


def _take_off(act: Act, changes: Changes) -> None:
    _restructure(act, changes, take_off)


def _label(act: Act, changes: Changes) -> None:
    name = fields.set_label(
        act.work, changes, act.object, act.field, language=act.get("language") or "zh", text=act.get("value")
    )
    act.standing = replace(act.standing, field=name)


def _help(act: Act, changes: Changes) -> None:
    data = fields.field_data(act.work, act.object, act.field)
    texts = {**fields.label_texts(data.get("help")), act.get("language") or "zh": act.get("value").strip()}
    kept = {language: text for language, text in texts.items() if text}
    fields.put_or_remove(act.work, changes, act.object, ("fields", act.field, "help"), kept or None)


def _option(act: Act, changes: Changes) -> None:
    fields.set_option(
        act.work, changes, act.object, act.field, option=act.get("option"), text=", ".join(act.form.getlist("value"))
    )


def _default(act: Act, changes: Changes) -> None:
    data = fields.field_data(act.work, act.object, act.field)
    inner = ("value",) if isinstance(data.get("default"), dict) and act.get("value").strip() else ()
    value = act.get("value").strip()
    kept: object = value or None
    if value in {"true", "false"}:
        kept = value == "true"
    fields.put_or_remove(act.work, changes, act.object, ("fields", act.field, "default", *inner), kept)


def _again(act: Act, changes: Changes) -> None:
    """Say with which fields a default is computed anew."""
    said = fields.field_data(act.work, act.object, act.field).get("default")
    value = said.get("value") if isinstance(said, dict) else said
    names = act.form.getlist("value")
    path = ("fields", act.field, "default")
    if value is not None:
        fields.put_or_remove(
            act.work, changes, act.object, path, {"value": value, "again_when": names} if names else value
        )


def _choices_from(act: Act, changes: Changes) -> None:
    chosen.change_source(act.work, changes, act.object, act.field, act.get("value"))


def _condition(act: Act, changes: Changes) -> None:
    kind = act.get("condition")
    if kind not in fields.CONDITIONS:
        return
    fields.put_or_remove(
        act.work, changes, act.object, (kind, act.field), posted(act.work, act.object, act.form) or None
    )


def _retire(act: Act, changes: Changes) -> None:
    fields.retire_field(act.work, changes, act.object, act.field)
    act.standing = replace(act.standing, field="")


def _choice(work: Callable[..., None], **parts: str) -> Make:
    """Return the act over a field's choices; ``parts``: argument → what is posted."""

    def make(act: Act, changes: Changes) -> None:
        holder = chosen.holder_of(act.work, act.object, act.field)
        if holder is None:
            return
        given = {name: int(act.get(part)) if part == "by" else act.get(part) for name, part in parts.items()}
        work(act.work, changes, holder, **given)

    return make


def _section(act: Act, changes: Changes) -> None:
    structure = read_structure(act.work.candidate, act.object)
    section = structure.section(act.get("tab"), act.get("section"))
    if section is None:
        return
    before = read_structure(act.work.candidate, act.object)
    if not before.written:
        write_structure(changes, act.object, before, structure)
        return
    here = ("form", "tabs", act.get("tab"), "sections", act.get("section"))
    if act.get("columns").isdecimal():
        changes.put(OBJECT, act.object, (*here, "columns"), int(act.get("columns")))
    else:
        _put_label(act, changes, (*here, "label"), section.label)


def _tab(act: Act, changes: Changes) -> None:
    structure = read_structure(act.work.candidate, act.object)
    tab = next((one for one in structure.tabs if one.name == act.get("tab")), None)
    if tab is not None and structure.written:
        _put_label(act, changes, ("form", "tabs", tab.name, "label"), tab.label)


def _put_label(act: Act, changes: Changes, path: tuple[str, ...], said: object) -> None:
    texts = {**fields.label_texts(said), act.work.visit.language: act.get("value").strip()}
    kept = {language: text for language, text in texts.items() if text}
    fields.put_or_remove(act.work, changes, act.object, path, kept or None)


def _shift(act: Act, changes: Changes) -> None:
    """Move a section among those of its tab, or a tab among the tabs."""
    structure = read_structure(act.work.candidate, act.object)
    tab, section = act.get("tab"), act.get("section")
    tabs = [one.name for one in structure.tabs]
    names = [one.name for two in structure.tabs if two.name == tab for one in two.sections] if section else tabs
    moved = section or tab
    at = names.index(moved) + int(act.get("by")) if moved in names else -1
    if structure.written and 0 <= at < len(names):
        path = ("form", "tabs", tab, *(("sections", section) if section else ()))
        side = {"before": names[at]} if act.get("by") == "-1" else {"after": names[at]}
        changes.move(OBJECT, act.object, path, **side)


ACTS: Mapping[str, tuple[Make, Text]] = {
    "add": (_add, Text(zh="{object}：新增字段", en="{object}: a new field")),
    "move": (_move, Text(zh="{object}：移动「{field}」", en="{object}: {field} moved")),
    "place": (_place, Text(zh="{object}：移动「{field}」", en="{object}: {field} moved")),
    "step": (_step, Text(zh="{object}：移动「{field}」", en="{object}: {field} moved")),
    "take_off": (_take_off, Text(zh="{object}：「{field}」移出表单", en="{object}: {field} taken off the form")),
    "label": (_label, Text(zh="{object}：「{field}」改名为「{value}」", en="{object}: {field} is called {value}")),
    "help": (_help, Text(zh="{object}：「{field}」的说明", en="{object}: help of {field}")),
    "option": (_option, Text(zh="{object}：「{field}」的设置", en="{object}: settings of {field}")),
    "default": (_default, Text(zh="{object}：「{field}」的默认值", en="{object}: default of {field}")),
    "again": (_again, Text(zh="{object}：「{field}」的默认值", en="{object}: default of {field}")),
    "choices_from": (_choices_from, Text(zh="{object}：「{field}」的选项", en="{object}: choices of {field}")),
    "condition": (_condition, Text(zh="{object}：「{field}」的条件", en="{object}: a condition of {field}")),
    "retire": (_retire, Text(zh="{object}：停用「{field}」", en="{object}: {field} retired")),
    "choice_add": (_choice(chosen.add_choice, language="language", text="value"), Text(zh="{object}：「{field}」新增选项「{value}」", en="{object}: {field} gets the choice {value}")),
    "choice_set": (_choice(chosen.set_choice, name="choice", part="part", text="value", language="language"), Text(zh="{object}：「{field}」的选项", en="{object}: choices of {field}")),
    "choice_remove": (_choice(chosen.remove_choice, name="choice"), Text(zh="{object}：「{field}」的选项", en="{object}: choices of {field}")),
    "choice_move": (_choice(chosen.move_choice, name="choice", by="by"), Text(zh="{object}：「{field}」的选项", en="{object}: choices of {field}")),
    "section": (_section, Text(zh="{object}：表单分区", en="{object}: a section of the form")),
    "tab": (_tab, Text(zh="{object}：表单标签页", en="{object}: a tab of the form")),
    "shift": (_shift, Text(zh="{object}：表单顺序", en="{object}: order of the form")),
}  # fmt: skip
