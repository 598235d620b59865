"""What a definition leaves unsaid: titles, plurals, the other sides of links, a form with every field, a list of everything.

The metamodel names no field type; it knows four options by name: ``to`` (a link's targets, which give it another side), ``of``
(the object of lines), ``parent`` (the link from a line up) and ``every`` (the other side that every object has).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metamodel.definitions.common import Expression
from metamodel.definitions.model import Model, Reverse
from metamodel.definitions.objects import DefaultDef, FormDef, SectionDef, TabDef, ViewDef
from metamodel.expressions.types import Base
from metamodel.names import plural_of, view_label_of
from metamodel.reading.common import frozen
from metamodel.reading.fields import has_percent_default, settle_percent
from metamodel.reading.sharing import with_pool_view
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metamodel.definitions.objects import FieldDef, ObjectDef
    from metamodel.definitions.processes import ProcessDef
    from metamodel.kinds import FieldSort
    from metamodel.layers import Cache

ALL_VIEW = "all"
_COLUMNS = 7  # of a list that nobody laid out
_TITLES = ("name", "title", "subject", "number", "code")


def targets_of(field: FieldDef) -> tuple[str, ...]:
    """Return the objects a link goes to (its option ``to``), none for other fields."""
    to = field.options.get("to")
    if isinstance(to, str):
        return (to,)
    return tuple(name for name in to if isinstance(name, str)) if isinstance(to, tuple) else ()


def lines_of(field: FieldDef) -> str:
    """Return the object whose records a field's lines are (its option ``of``), "" for other fields."""
    of = field.options.get("of")
    return of if isinstance(of, str) else ""


def parent_link(definition: ObjectDef) -> FieldDef | None:
    """Return the link of a lines object that leads to its parent."""
    return next((field for field in definition.fields.values() if field.options.get("parent") is True), None)


def complete(definition: ObjectDef, sorts: Mapping[str, FieldSort]) -> ObjectDef:
    """Return the object with everything that hangs on itself alone filled in: plural, title, search over it, form, list."""
    title = definition.title or _title(definition, sorts)
    fields = _fields(definition, title, sorts)
    completed = replace(definition, title=title, fields=fields, plural=definition.plural or _plural(definition.label))
    form = completed.form if completed.form.tabs else replace(completed.form, tabs=_tabs(completed))
    views = completed.views or frozen({ALL_VIEW: _list(completed, sorts)})
    if completed.pool is not None:
        views = with_pool_view(views, completed.owner, Expression(f"ISBLANK({completed.owner})"))
    return replace(completed, form=form, views=views)


def _plural(label: Text) -> Text:
    english = label.en if label.en != label.zh or label.en.isascii() else ""
    return Text(zh=label.zh, en=plural_of(english) if english else label.en)


def _title(definition: ObjectDef, sorts: Mapping[str, FieldSort]) -> str:
    fields = [field for field in definition.fields.values() if _one_line(field, sorts)]
    for name in _TITLES:
        if any(field.name == name for field in fields):
            return name
    written = [field for field in fields if not sorts[field.type].computed]
    best = next((field for field in written if field.required), None) or next(iter(written or fields), None)
    return best.name if best else "id"


def _one_line(field: FieldDef, sorts: Mapping[str, FieldSort]) -> bool:
    sort = sorts.get(field.type)
    return sort is not None and sort.one_line and not field.hidden


def _fields(definition: ObjectDef, title: str, sorts: Mapping[str, FieldSort]) -> Mapping[str, FieldDef]:
    changed: dict[str, FieldDef] = {}
    for field in definition.fields.values():
        if has_percent_default(field) and _base(field, sorts) is Base.NUMBER:
            changed[field.name] = settle_percent(field)
        elif field.name == title and not field.search and _base(field, sorts) is Base.TEXT:
            changed[field.name] = replace(field, search=True)
    return frozen({**definition.fields, **changed}) if changed else definition.fields


def _base(field: FieldDef, sorts: Mapping[str, FieldSort]) -> Base | None:
    sort = sorts.get(field.type)
    if sort is None or sort.computed or "to" in field.options or "choices" in field.options:
        return None
    found = sort.value_type(field, Model())
    return found.base if found is not None else None


def _tabs(definition: ObjectDef) -> Mapping[str, TabDef]:
    shown = [field for field in definition.fields.values() if not field.hidden]
    plain = tuple(field.name for field in shown if not lines_of(field))
    sections = {"main": SectionDef("main", plain)}
    for field in shown:
        if lines_of(field):
            sections[field.name] = SectionDef(field.name, (field.name,), 1, field.label)
    return frozen({"main": TabDef("main", frozen(sections), Text(zh="基本信息", en="Basics"))})


def _list(definition: ObjectDef, sorts: Mapping[str, FieldSort]) -> ViewDef:
    fields = [field.name for field in definition.fields.values() if _one_line(field, sorts)]
    first = [definition.title] if definition.title in definition.fields else []
    columns = [*first, *(name for name in fields if name not in first)][:_COLUMNS]
    return ViewDef(ALL_VIEW, view_label_of(ALL_VIEW), columns=tuple(columns or ["id"]))


def reverse_sides(objects: Mapping[str, ObjectDef]) -> Iterator[tuple[str, Reverse]]:
    """Yield (object, other side) for every link and lines field; equal names are yielded as often as they come."""
    for definition in objects.values():
        for field in definition.fields.values():
            if not field.options:
                continue
            if lines_of(field) in objects:
                yield from _lines_side(definition, field, objects[lines_of(field)])
            elif "to" in field.options and not field.options.get("parent"):
                name = _reverse_name(field, plural_of(definition.name))
                for target in dict.fromkeys(targets_of(field)):
                    yield target, Reverse(name, definition.name, field.name)
            elif "reverse" in field.options and isinstance(field.options["reverse"], str):
                yield "user", Reverse(field.options["reverse"], definition.name, field.name)


def leads_anywhere(field: FieldDef) -> bool:
    """Whether a field may lead to a record of any object (its option ``every`` names the other side)."""
    return isinstance(field.options.get("every"), str)


def every_sides(objects: Mapping[str, ObjectDef]) -> Iterator[tuple[str, Reverse]]:
    """Yield (object, other side) of the fields that may lead to any record: one an object, but for objects that have such a field
    themselves (no comments on comments)."""
    found = [
        (definition, field)
        for definition in objects.values()
        for field in definition.fields.values()
        if field.options and leads_anywhere(field)
    ]
    apart = {definition.name for definition, _ in found}
    for definition, field in found:
        for target in objects:
            if target not in apart:
                yield target, Reverse(field.options["every"], definition.name, field.name, every=True)


def _lines_side(definition: ObjectDef, field: FieldDef, line: ObjectDef) -> Iterator[tuple[str, Reverse]]:
    link = parent_link(line)
    if link is not None:
        order = field.options.get("order", "")
        kept = order if isinstance(order, str) and order in line.fields else ""
        yield definition.name, Reverse(field.name, line.name, link.name, lines=True, order=kept)


def _reverse_name(field: FieldDef, default: str) -> str:
    name = field.options.get("reverse")
    return name if isinstance(name, str) else default


def reverse_maps(objects: Mapping[str, ObjectDef]) -> Mapping[str, Mapping[str, Reverse]]:
    """Return object → name → other side. Of two equal names the first counts (the check names the second)."""
    found: dict[str, dict[str, Reverse]] = {name: {} for name in objects}
    for target, side in reverse_sides(objects):
        if target in found:
            found[target].setdefault(side.name, side)
    for target, side in every_sides(objects):
        if side.name not in objects[target].fields:  # what an object has of its own goes before
            found[target].setdefault(side.name, side)
    return frozen({name: frozen(sides) for name, sides in found.items()})


def with_related(definition: ObjectDef, sides: Mapping[str, Reverse], *, given: bool) -> ObjectDef:
    """Return the object with every other side related on its page, unless its form says which."""
    names = tuple(side.name for side in sides.values() if not side.lines and not side.every)
    if given or not names or definition.form.related == names:
        return definition
    return replace(definition, form=FormDef(definition.form.tabs, names))


def begin_states(
    objects: dict[str, ObjectDef], processes: Mapping[str, ProcessDef], cache: Cache | None = None
) -> None:
    """Give state fields without a default the start state of their process."""
    for process in processes.values():
        definition = objects.get(process.object)
        field = definition.fields.get(process.field) if definition is not None else None
        if definition is None or field is None or field.options.get("process") != process.name or field.default:
            continue
        key, token = f"begun {definition.name}.{field.name}", (definition, process.start)
        kept: ObjectDef | None = cache.recall(key, token) if cache is not None else None
        if kept is None:
            begun = replace(field, default=DefaultDef(process.start))
            kept = replace(definition, fields=frozen({**definition.fields, field.name: begun}))
        objects[definition.name] = kept
        if cache is not None:
            cache.keep(key, token, kept)
