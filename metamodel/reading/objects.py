"""Reads an object: what stands in the file only. Defaults that need other objects are filled in by ``reading.defaults``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.definitions.objects import (
    LIKENESS,
    CheckDef,
    DuplicateDef,
    FormDef,
    ObjectDef,
    SectionDef,
    TabDef,
    UniqueDef,
    ViewDef,
)
from metamodel.names import label_of, view_label_of
from metamodel.reading.common import expression, expressions, flag, frozen, label, maps, names, text, whole
from metamodel.reading.fields import read_fields
from metamodel.reading.sharing import read_edit_lock, read_pool, read_team
from metamodel.reading.tints import read_tints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.kinds import FieldSort
    from metamodel.nodes import Node


def read_object(name: str, node: Node, pack: str, sorts: Mapping[str, FieldSort]) -> ObjectDef:
    """Return the object that the merged tree ``node`` defines."""
    get = node.map.get
    return ObjectDef(
        name,
        label(get("label"), label_of(name)),
        frozen(read_fields(get("fields"), sorts)),
        text(get("title")),
        plural=label(get("plural")),
        icon=text(get("icon"), "table"),
        owner=text(get("owner")),
        pack=pack,
        was=text(get("was")),
        visible_when=expressions(get("visible_when")),
        required_when=expressions(get("required_when")),
        readonly_when=expressions(get("readonly_when")),
        checks=_checks(get("checks")),
        unique=_unique(get("unique")),
        form=_form(get("form")),
        views=frozen({key: _view(key, child) for key, child in maps(get("views")).items()}),
        history=flag(get("history"), default=True),
        pool=read_pool(get("pool")),
        edit_lock=read_edit_lock(get("edit_lock")),
        team=read_team(get("team")),
        duplicates=_duplicates(get("duplicates")),
        mark=node.mark,
    )


def _checks(node: Node | None) -> Mapping[str, CheckDef]:
    found: dict[str, CheckDef] = {}
    for name, child in maps(node).items():
        require = expression(child.map.get("require"))
        if require is not None:
            message = label(child.map.get("message"), label_of(name))
            found[name] = CheckDef(name, require, message, text(child.map.get("field")))
    return frozen(found)


def _unique(node: Node | None) -> Mapping[str, UniqueDef]:
    return frozen(
        {
            name: UniqueDef(
                name,
                names(child.map.get("fields")),
                expression(child.map.get("when")),
                label(child.map.get("message")),
            )
            for name, child in maps(node).items()
        }
    )


def _duplicates(node: Node | None) -> Mapping[str, DuplicateDef]:
    found: dict[str, DuplicateDef] = {}
    for name, child in maps(node).items():
        get = child.map.get
        least = get("at_least")
        found[name] = DuplicateDef(
            name,
            names(get("exact")),
            text(get("similar")),
            Decimal(least.value) if least is not None and isinstance(least.value, int | Decimal) else LIKENESS,
            block=flag(get("block")),
            when=expression(get("when")),
            message=label(get("message")),
        )
    return frozen(found)


def _form(node: Node | None) -> FormDef:
    if node is None:
        return FormDef()
    tabs = {name: _tab(name, child) for name, child in maps(node.map.get("tabs")).items()}
    return FormDef(frozen(tabs), names(node.map.get("related")))


def _tab(name: str, node: Node) -> TabDef:
    sections = {key: _section(key, child) for key, child in maps(node.map.get("sections")).items()}
    return TabDef(name, frozen(sections), label(node.map.get("label"), label_of(name)))


def _section(name: str, node: Node) -> SectionDef:
    get = node.map.get
    return SectionDef(name, names(get("fields")), whole(get("columns"), 2), label(get("label")))


def _view(name: str, node: Node) -> ViewDef:
    get = node.map.get
    totals = get("totals")
    return ViewDef(
        name,
        label(get("label"), view_label_of(name)),
        text(get("as"), "list"),
        names(get("columns")),
        expression(get("filter")),
        names(get("sort")),
        frozen({key: text(child) for key, child in totals.map.items() if text(child)} if totals is not None else {}),
        text(get("by")),
        names(get("card")),
        text(get("at")),
        text(get("per")),
        read_tints(get("colors")),
    )
