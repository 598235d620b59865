"""Values of definitions in a run: expressions asked of the subject in one statement, literals, texts with places, and what they come to as
values that the door for writing takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.automation.doing import Given
from engine.connections.values import as_json as said_as_json
from engine.expressions.python import compile_python
from engine.expressions.roots import Known
from engine.fields.base import Locale, Target
from engine.records.access import MASK, Right, masked
from engine.records.compile import Records
from engine.records.compute import fitted
from engine.records.judging import evaluate
from engine.records.moments import HOME, moment_of
from engine.records.reading import RecordReader
from engine.refusals import Refusal
from metamodel.definitions.common import Expression, Template
from metamodel.expressions.types import ANY, BOOLEAN, Base, Type
from metamodel.names import USER
from metamodel.templates import fill, places
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from engine.automation.covering import Covered
    from engine.automation.doing import Doing
    from engine.context import Context
    from engine.expressions.values import Reader, Value
    from engine.fields.base import Field
    from metamodel.expressions.scope import Root, Scope
    from metamodel.expressions.typed import TypedExpression

_FREE = frozenset({Base.ANY, Base.ROWS, Base.BLANK})
_VIEWER = frozenset({"me", "departments"})
NOTHING_COVERED: Covered = MappingProxyType({})


def link_to(object_name: str) -> Type:
    """Return the type of a record as a root."""
    return Type(Base.LINK, (object_name,))


def scope_of(doing: Doing, **more: Root) -> Scope:
    """Return what names mean in a run: the subject's fields, ``record`` and ``old``, records bound by name, and what the trigger told."""
    shapes = doing.context.runtime.part(Records).shapes
    roots: dict[str, Root] = {}
    if doing.subject is not None:
        roots["old"] = roots["record"] = link_to(doing.subject.object)
    roots |= {name: given.type for name, given in doing.given.items()}
    roots |= {name: link_to(bound.object) for name, bound in doing.names.items()}
    return shapes.scope(doing.subject.object if doing.subject is not None else None, **roots, **more)


def typed_in(doing: Doing, text: str, scope: Scope, want: Type | None = None) -> TypedExpression:
    """Return an expression checked in a scope, once a version."""
    records = doing.context.runtime.part(Records)
    key = ("action", text, scope.identity(), want)
    return records.memory.get(key, lambda: records.shapes.check(text, scope, want))


def roots_of(doing: Doing, context: Context, wanted: Collection[str] | None = None) -> dict[str, Reader]:
    """Return who reads the roots of a run, the subject's own apart: all, or those in ``wanted``. Records are read as they are by now."""
    roots = {name: given.reader for name, given in doing.given.items() if wanted is None or name in wanted}
    for name, bound in doing.names.items():
        if wanted is None or name in wanted:
            roots[name] = RecordReader(context, bound.object, bound.id)
    return roots


def values_of(doing: Doing, expressions: Sequence[TypedExpression]) -> Sequence[Value]:
    """Return the values of expressions over the subject, in one statement; without a subject they are worked out here."""
    if not expressions:
        return ()
    viewer = any(_VIEWER & one.depends.needs for one in expressions)
    context = doing.seen_by if viewer else doing.context
    wanted = {name for one in expressions for name in one.depends.roots}
    roots = roots_of(doing, context, wanted)
    heard = heard_in(doing)
    here = [one for one in expressions if doing.subject is None or heard & one.depends.roots]
    there = [one for one in expressions if one not in here]
    known = {**dict(zip(here, _worked_out(doing, context, here, roots), strict=True))}
    if doing.subject is not None and there:
        found = evaluate(context, doing.subject.object, [doing.subject.id], there, roots=roots)
        if doing.subject.id not in found:
            raise Refusal(404, "NOT_FOUND", Text(zh="记录已不存在", en="the record is not there any more"))
        known |= dict(zip(there, found[doing.subject.id], strict=True))
    return [known[one] for one in expressions]


def heard_in(doing: Doing) -> set[str]:
    """Return the roots that hold what another system said."""
    return {name for name, given in doing.given.items() if given.type == ANY}


def _worked_out(
    doing: Doing, context: Context, expressions: Sequence[TypedExpression], roots: Mapping[str, Reader]
) -> Iterator[Value]:
    """Work expressions out here: those without a subject, and those over what another system said, of which the database knows no types."""
    moment = moment_of(context, context.runtime.part(Records))
    subject: Reader = Known({})
    if doing.subject is not None:
        subject = RecordReader(context, doing.subject.object, doing.subject.id)
        moment = moment.with_roots(record=subject)
    moment = moment.with_roots(**roots)
    return (compile_python(one)(subject, moment) for one in expressions)


def holds(doing: Doing, condition: Expression) -> bool:
    """Whether a condition holds for the subject now."""
    return values_of(doing, [typed_in(doing, condition.text, scope_of(doing), BOOLEAN)])[0] is True


def value_of(doing: Doing, given: Any) -> Any:
    """Return what an option of the sort VALUE comes to: an expression's value, a text with its places filled, or the literal."""
    if isinstance(given, Expression):
        return values_of(doing, [typed_in(doing, given.text, scope_of(doing))])[0]
    if isinstance(given, Template):
        return filled(doing, [given.text], doing.context.language)[0]
    return given


def written(doing: Doing, object_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values for fields of an object as the door for writing takes them (JSON)."""
    fields = doing.context.runtime.part(Records).objects[object_name].fields
    scope, heard = scope_of(doing), heard_in(doing)
    asked: dict[str, TypedExpression] = {}
    for name, value in given.items():
        if isinstance(value, Expression):
            type_ = fields[name].type
            asked[name] = typed_in(doing, value.text, scope, None if type_.base in _FREE else type_)
    known = dict(zip(asked, values_of(doing, [*asked.values()]), strict=True))
    texts = {name: value.text for name, value in given.items() if isinstance(value, Template)}
    told = dict(zip(texts, filled(doing, [*texts.values()], doing.context.language), strict=True))
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name in asked and heard & asked[name].depends.roots:
            found[name] = said_as_json(fields[name], known[name])
        elif name in asked:
            found[name] = as_json(fields[name], known[name], asked[name].type)
        elif name in told:
            found[name] = told[name] or None
        else:
            found[name] = as_json(fields[name], value)
    return found


def as_json(field: Field, value: Any, type_: Type | None = None) -> Any:
    """Return an expression's value (of ``type_``) or a literal as the JSON that a field takes."""
    if len(field.targets) > 1 and isinstance(value, int):
        if type_ is None or len(type_.objects) != 1:
            said = Text(
                zh=f"{field.label('zh')}：不知道是哪种记录", en=f"{field.label('en')}: a record of which object?"
            )
            raise Refusal(422, "AMBIGUOUS_LINK", said)
        return {"object": type_.objects[0], "id": value}
    if field.type.base is Base.TEXT and isinstance(value, Decimal | int) and not isinstance(value, bool):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    fitting = fitted(field, value) if isinstance(value, Decimal | date) else value
    if isinstance(fitting, Decimal):
        return format(fitting, "f")
    if isinstance(fitting, Target):
        return {"object": fitting.object, "id": fitting.id}
    return fitting.isoformat() if isinstance(fitting, datetime | date) else fitting


def message_of(doing: Doing, message: Text, to: int | None = None, covered: Covered = NOTHING_COVERED) -> Text:
    """Return a message with its places filled, each language in its own way of writing. ``to``: who reads it, ``user`` in its places;
    ``covered``: the places that are not told to them in clear."""
    if to is not None:
        doing = addressed(doing, to)
    texts = {language: getattr(message, language) for language in LANGUAGES}
    return Text(**{language: filled(doing, [text], language, covered)[0] for language, text in texts.items()})


def addressed(doing: Doing, to: int) -> Doing:
    """Return a run in which ``user`` is who reads a message."""
    reader = Given(link_to(USER), RecordReader(doing.context, USER, to))
    return replace(doing, given={**doing.given, USER: reader})


def is_personal(*messages: Text) -> bool:
    """Whether messages say something of who reads them."""
    texts = (getattr(message, language) for message in messages for language in LANGUAGES)
    return any(place.path.partition(".")[0] == USER for text in texts for place in places(text))


def filled(doing: Doing, texts: Sequence[str], language: str, covered: Covered = NOTHING_COVERED) -> list[str]:
    """Fill the places of texts, as the fields that they lead to are shown to people; links by what they are called."""
    paths = list(dict.fromkeys(place.path for text in texts for place in places(text) if place.good))
    scope = scope_of(doing)
    ends = {path: _end_of(doing, scope, path) for path in paths}
    asked = {path: typed_in(doing, _titled(doing, scope, path), scope) for path in paths}
    values = dict(zip(paths, values_of(doing, [asked[path] for path in paths]), strict=True))
    home = doing.context.home or HOME
    locale = Locale(language, home, home)
    shown = {
        path: _hinted(values[path], ends[path], covered[path])
        if path in covered
        else _shown(values[path], ends[path], locale)
        for path in paths
    }
    return [fill(text, lambda path: shown.get(path, "")) for text in texts]


def _titled(doing: Doing, scope: Scope, path: str) -> str:
    """Return the path on to what a record is called, where ``path`` leads to one of one object."""
    type_ = typed_in(doing, path, scope).type
    if type_.base is not Base.LINK or len(type_.objects) != 1 or path.rpartition(".")[2] == "id":
        return path
    title = doing.context.runtime.part(Records).objects[type_.objects[0]].title
    return f"{path}.{title}" if title else path


def _end_of(doing: Doing, scope: Scope, path: str) -> Field | None:
    """Return the field that a path ends in, None where it ends in no field (a root, a system field of no object, an answer)."""
    along = fields_along(doing, scope, path)
    return along[-1][1] if along else None


def fields_along(doing: Doing, scope: Scope, path: str) -> list[tuple[str, Field | None]]:
    """Return the fields that a path leads through, each with its object, on to what a record at its end is called; None from where it
    leads to no field."""
    steps = _titled(doing, scope, path).split(".")
    objects = doing.context.runtime.part(Records).objects
    root = scope.names.get(steps[0])
    here: tuple[str, ...] = (scope.object,) if scope.object else ()
    if isinstance(root, Type):
        here, steps = root.objects, steps[1:]
    found: list[tuple[str, Field | None]] = []
    for step in steps:
        field = objects[here[0]].anything.get(step) if len(here) == 1 else None
        found.append((here[0] if here else "", field))
        if field is None:
            break
        here = field.type.objects
    return found


def _shown(value: Any, field: Field | None, locale: Locale) -> str:
    if value is None:
        return ""
    if field is not None:
        if isinstance(value, Decimal) and getattr(field.kind.column(field.definition), "python_type", None) is int:
            value = int(value)
        return field.kind.show(field, value, locale)
    if isinstance(value, Decimal):
        return format(value.normalize(), ",f")
    return value.astimezone(locale.zone).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)


def _hinted(value: Any, field: Field | None, right: Right) -> str:
    """Return what of a value is told to whom it is covered for: as much as on their screens."""
    if value is None:
        return ""
    return str(masked(field, value)) if right is Right.MASKED and field is not None else str(MASK)


def ids_in(values: Iterable[Any]) -> list[int]:
    """Return the ids among values, each once, in order."""
    return list(dict.fromkeys(int(one) for one in values if isinstance(one, int | Decimal)))
