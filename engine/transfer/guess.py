"""Which field each column of a table means: by label, by a former name, by a word that means the same, and by what stands in it. Only
suggested: a person sees each with its reason, and says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.records.access import may, rights_of
from engine.records.compile import Records
from engine.records.lookup import find_records
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.transfer.cells import unguarded
from engine.transfer.chunk import locale_of
from engine.transfer.mapping import ColumnMap, ImportMap, natural_key, suggested
from engine.transfer.plan import Gate
from engine.transfer.synonyms import make_groups, plain, scale
from metamodel.expressions.types import Base
from metamodel.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from engine.context import Context
    from engine.fields.base import Field, Locale
    from engine.records.compile import CompiledObject

ENOUGH = 0.8  # of a column's different values that a field must be able to take
ENOUGH_LINKS = 0.5  # of them that must be titles of records
LOOKED_AT = 200  # different values of a column
PROBES = ("榫卯 tenon", "7")  # what a field takes that is told by its content: neither of them


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column is taken for. ``reason``: name, former, alias, content, computed (what an export holds and no import takes), unit (a field
    that counts in another), or none."""

    column: str
    field: str = ""
    reason: str = "none"


def importable(context: Context, target: CompiledObject) -> dict[str, Field]:
    """Return the fields that the actor may fill by an import. Those that only a born record is given, states and serials, need the
    grant ``backfill``."""
    rights = rights_of(target.records, context.actor)
    backfills = may(context, target.name, "backfill")
    return {
        name: field
        for name, field in target.fields.items()
        if not field.kind.computed
        and field.type.base is not Base.ROWS
        and (backfills or not (field.kind.moved or name in target.rules.serials))
        and rights.write_right(target.name, name) >= Right.EDIT
    }


def guess(
    context: Context, target: CompiledObject, header: Sequence[str], samples: Mapping[str, Sequence[str]]
) -> list[Guess]:
    """Return what each column is taken for. ``samples``: column → texts that stand in it."""
    fields = importable(context, target)
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    plainly = suggested(target, tuple(header), shows=Gate(context).shows)
    for column in header:
        known = plainly.columns.get(column)
        if known is not None and (known.into in fields or not known.into) and known.into not in taken:
            found[column] = Guess(column, known.into, "name" if known.into else "computed")
            taken |= {known.into} - {""}
    for reason, match in _matchers(target):
        for column in header:
            if column in found:
                continue
            fitting = [name for name, field in fields.items() if name not in taken and match(column, field)]
            if any(_scaled(column, fields[name]) for name in fitting):
                found[column] = Guess(column, reason="unit")
            elif len(fitting) == 1:
                found[column] = Guess(column, fitting[0], reason)
                taken.add(fitting[0])
    _by_content(context, {name: one for name, one in fields.items() if name not in taken}, samples, found)
    return [found.get(column, Guess(column)) for column in header]


def _scaled(column: str, field: Field) -> bool:
    """Whether a header counts in another unit than a field of numbers: ``金额（万元）`` would come in ten thousand times too small."""
    if field.type.base is not Base.NUMBER:
        return False
    return scale(column) not in {scale(text) for text in (field.name, *map(field.label, LANGUAGES))}


def mapping_of_guesses(target: CompiledObject, guesses: Iterable[Guess]) -> ImportMap:
    """Return the mapping that guesses make; what is nothing's is left out."""
    columns = {one.column: ColumnMap(one.column, one.field) for one in guesses}
    return ImportMap(target.name, natural_key(target, {one.into for one in columns.values()}), columns)


def _matchers(target: CompiledObject) -> list[tuple[str, Callable[[str, Field], bool]]]:
    """Return how columns and fields are compared, the surest first."""
    groups = make_groups()
    own = {plain(target.definition.label(language)) for language in LANGUAGES} | {plain(target.name)}

    def names(field: Field) -> set[str]:
        return {plain(one) for one in (field.name, *(field.label(language) for language in LANGUAGES)) if one}

    def alike(column: str, field: Field) -> bool:
        text = plain(column)
        return text in names(field) or any(
            text == prefix + one or one == prefix + text for prefix in own if prefix for one in names(field)
        )

    def former(column: str, field: Field) -> bool:
        return bool(field.definition.was) and plain(column) == plain(field.definition.was)

    def meaning(column: str, field: Field) -> bool:
        text = plain(column)
        if field.name == target.title and any(text in groups.get(one, ()) for one in own):
            return True
        return any(text in groups.get(one, ()) for one in names(field))

    def within(column: str, field: Field) -> bool:
        text = plain(column)
        return any(len(one) > 1 and (one in text or (len(text) > 1 and text in one)) for one in names(field))

    return [("name", alike), ("former", former), ("alias", meaning), ("alias", within)]


def _by_content(
    context: Context, fields: Mapping[str, Field], samples: Mapping[str, Sequence[str]], found: dict[str, Guess]
) -> None:
    """Take columns for the one field that their values say."""
    locale = locale_of(context)
    open_ = {name: field for name, field in fields.items() if field.targets or _tells(field, locale)}
    for column, texts in samples.items():
        different = list(dict.fromkeys(unguarded(text.strip()) for text in texts if text.strip()))[:LOOKED_AT]
        if column in found or not different:
            continue
        fitting = [name for name, field in open_.items() if _takes(context, field, different, locale)]
        if len(fitting) == 1:
            found[column] = Guess(column, fitting[0], "content")
            open_.pop(fitting[0])


def _tells(field: Field, locale: Locale) -> bool:
    """Whether a field's values are told from others by what they look like."""
    return not any(_read(field, text, locale) for text in PROBES)


def _takes(context: Context, field: Field, texts: Sequence[str], locale: Locale) -> bool:
    if not field.targets:
        return sum(_read(field, text, locale) for text in texts) >= ENOUGH * len(texts)
    if len(field.targets) > 1:
        return False
    return _titles(context, field.targets[0], texts, locale) >= ENOUGH_LINKS * len(texts)


def _titles(context: Context, name: str, texts: Sequence[str], locale: Locale) -> int:
    """Return how many of the texts are titles of an object's records."""
    target = context.runtime.part(Records).objects[name]
    title = target.fields.get(target.title)
    if title is None or title.kind.computed or title.targets:
        return 0
    keys = []
    for text in texts:
        try:
            keys.append((title.kind.parse_text(title, text, locale),))
        except ValueFault:
            continue
    try:
        return len(find_records(context, name, (target.title,), [key for key in keys if key[0] is not None]))
    except Refusal:
        return 0


def _read(field: Field, text: str, locale: Locale) -> bool:
    try:
        return field.kind.parse_text(field, text, locale) is not None
    except ValueFault:
        return False
