"""A form as the designer sees it: tabs, sections and the fields in them, read from a definition's data, and moved about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from designer.names import name_from

if TYPE_CHECKING:
    from designer.candidate import Candidate
    from designer.changes import Changes

MAIN = "main"
NEW = "+"  # a place that is made by something coming to it


@dataclass(slots=True)
class Section:
    """A section: ``label`` as written, text or {zh, en}."""

    name: str
    label: Any = None
    columns: int = 2
    fields: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tab:
    """A tab."""

    name: str
    label: Any = None
    sections: list[Section] = field(default_factory=list)


@dataclass(slots=True)
class Structure:
    """A form. ``written``: the definition says it; otherwise it is the one that the engine lays out by itself."""

    tabs: list[Tab]
    written: bool

    def place(self, name: str) -> tuple[Tab, Section] | None:
        """Return where a field is."""
        return next(((tab, one) for tab in self.tabs for one in tab.sections if name in one.fields), None)

    def section(self, tab: str, name: str) -> Section | None:
        """Return a section."""
        return next((one for two in self.tabs if two.name == tab for one in two.sections if one.name == name), None)

    def placed(self) -> set[str]:
        """Return the fields on the form."""
        return {name for tab in self.tabs for one in tab.sections for name in one.fields}


def read_structure(candidate: Candidate, name: str) -> Structure:
    """Return an object's form with the draft. Parts that are written in a wrong shape are passed over."""
    data = candidate.data("object", name)
    tabs = [
        Tab(tab, inner.get("label"), [_section(key, one) for key, one in _maps(inner.get("sections"))])
        for tab, inner in _maps(_map(data.get("form")).get("tabs"))
    ]
    if tabs:
        return Structure(tabs, written=True)
    fields = dict(_maps(data.get("fields")))
    own = [key for key, one in fields.items() if not one.get("hidden") and not one.get("parent")]
    rows = [key for key in own if fields[key].get("type") == "lines"]
    sections = [Section(MAIN, None, 2, [key for key in own if key not in rows])]
    if rows:
        sections.append(Section("lines", None, 1, rows))
    return Structure([Tab(MAIN, {"zh": "基本信息", "en": "Basics"}, sections)], written=False)


def _section(name: str, data: dict[str, Any]) -> Section:
    columns = data.get("columns", 2)
    listed = data.get("fields")
    fields = [str(one) for one in listed] if isinstance(listed, list) else []
    return Section(name, data.get("label"), columns if isinstance(columns, int) else 2, fields)


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(key, one) for key, one in _map(value).items() if isinstance(one, dict)]


def write_structure(changes: Changes, name: str, before: Structure, after: Structure) -> None:
    """Bring a form to ``after``: only lists that differ are touched. Sections and tabs without fields go: the language has none."""
    for tab in after.tabs:
        tab.sections = [one for one in tab.sections if one.fields]
    after.tabs = [tab for tab in after.tabs if tab.sections]
    if not before.written:
        changes.put("object", name, ("form", "tabs"), {tab.name: _tab_data(tab) for tab in after.tabs})
        return
    old = {tab.name: tab for tab in before.tabs}
    for tab in after.tabs:
        here = ("form", "tabs", tab.name)
        if tab.name not in old:
            changes.put("object", name, here, _tab_data(tab))
            continue
        known = {one.name: one for one in old[tab.name].sections}
        for one in tab.sections:
            if one.name not in known:
                changes.put("object", name, (*here, "sections", one.name), _section_data(one))
            elif known[one.name].fields != one.fields:
                changes.put("object", name, (*here, "sections", one.name, "fields"), one.fields)
        kept = {one.name for one in tab.sections}
        for gone in known:
            if gone not in kept:
                changes.remove("object", name, (*here, "sections", gone))
    for gone in old:
        if gone not in {tab.name for tab in after.tabs}:
            changes.remove("object", name, ("form", "tabs", gone))


def _tab_data(tab: Tab) -> dict[str, Any]:
    sections = {one.name: _section_data(one) for one in tab.sections}
    return {**({"label": tab.label} if tab.label else {}), "sections": sections}


def _section_data(one: Section) -> dict[str, Any]:
    return {**({"label": one.label} if one.label else {}), "columns": one.columns, "fields": list(one.fields)}


def move_to(structure: Structure, name: str, tab: str, section: str, index: int | None = None) -> None:
    """Put a field into a section, at ``index`` or last; NEW for the tab or section makes one."""
    at = structure.place(name)
    if at is not None:
        at[1].fields.remove(name)
    target = _tab(structure, tab)
    found = next((one for one in target.sections if one.name == section), None)
    if found is None:
        taken = {one.name for one in target.sections}
        found = Section(name_from("", taken, "section"), None, 2)
        target.sections.append(found)
    found.fields.insert(len(found.fields) if index is None else max(0, index), name)


def _tab(structure: Structure, name: str) -> Tab:
    found = next((one for one in structure.tabs if one.name == name), None)
    if found is None and name != NEW and structure.tabs:
        return structure.tabs[0]
    if found is None:
        taken = {one.name for one in structure.tabs}
        made = name_from("", taken, "tab")
        found = Tab(made, {"zh": "新标签页", "en": "New tab"})
        structure.tabs.append(found)
    return found


def step(structure: Structure, name: str, by: int) -> None:
    """Move a field one place up (-1) or down (+1), over the border of its section where it is at its end."""
    at = structure.place(name)
    if at is None:
        return
    tab, section = at
    index = section.fields.index(name) + by
    if 0 <= index < len(section.fields):
        section.fields.remove(name)
        section.fields.insert(index, name)
        return
    beside = tab.sections.index(section) + by
    if 0 <= beside < len(tab.sections):
        section.fields.remove(name)
        other = tab.sections[beside].fields
        other.insert(0 if by > 0 else len(other), name)


def take_off(structure: Structure, name: str) -> None:
    """Take a field off the form."""
    at = structure.place(name)
    if at is not None:
        at[1].fields.remove(name)
