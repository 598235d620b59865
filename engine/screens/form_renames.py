"""A form that was open while a version was published: what it posts under former names is taken under today's, and what was typed into
fields that are no more is refused with the text, never dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.renamed import field_names
from engine.refusals import FieldError, Refusal
from engine.screens.form_input import read_form
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from engine.records.compile import CompiledObject
    from engine.screens.form_input import FormInput, TypedRow

GONE = Text(
    zh="字段已被移除（{name}），所填「{text}」没有保存。如需保留请先抄下，再次保存即可继续。",
    en="A field has been removed ({name}), so “{text}” was not saved. Note it down if you need it; saving again goes on without it.",
)
SAID = Text(zh="部分字段已被移除。", en="Some of the fields have been removed.")
OURS = frozenset({"csrf_token"})  # what a form posts beside its fields
LONGEST = 200  # characters shown of what was typed


def read_posted(compiled: CompiledObject, pairs: Iterable[tuple[str, str]]) -> FormInput:
    """Return what a form posted, under the names of today."""
    given = read_form(pairs)
    names = field_names(compiled)
    given.texts = _renamed(given.texts, names)
    given.keep = _renamed(given.keep, names)
    given.base = _renamed(given.base, names)
    given.lines = _renamed(given.lines, names)
    for name, child in compiled.lines():
        cells = field_names(child)
        for row in given.lines.get(name, ()) if cells else ():
            row.texts = _renamed(row.texts, cells)
        if cells and isinstance(given.base.get(name), list):
            given.base[name] = [_renamed(row, cells) if isinstance(row, dict) else row for row in given.base[name]]
    return given


def refuse_lost(compiled: CompiledObject, given: FormInput) -> None:
    """Raise Refusal 422 where something was typed into fields that the object has no more."""
    errors = [
        FieldError(path, "UNKNOWN_FIELD", GONE.format(name=path, text=text.strip()[:LONGEST]))
        for path, text in _lost(compiled, given)
    ]
    if errors:
        raise Refusal(422, "UNKNOWN_FIELD", SAID, tuple(errors))


def _lost(compiled: CompiledObject, given: FormInput) -> Iterator[tuple[str, str]]:
    """Yield what was typed into fields that are no more: path, text. Cells that are no more have no place on the page: their lines do."""
    for name, text in given.texts.items():
        if name not in compiled.fields and name not in OURS and _is_typed(text, given.base.get(name)):
            yield name, text
    children = dict(compiled.lines())
    for name, rows in given.lines.items():
        known = children[name].fields if name in children else {}
        lost = [text.strip() for text in _lost_cells(rows, given.base.get(name), known)]
        if lost:
            yield name, " / ".join(lost)


def _lost_cells(rows: Iterable[TypedRow], base: Any, known: Container[str]) -> Iterator[str]:
    seen = {row["id"]: row for row in base if isinstance(row, dict) and "id" in row} if isinstance(base, list) else {}
    for row in rows:
        before = seen.get(row.id, {})
        for cell, text in row.texts.items():
            if not row.remove and cell not in known and _is_typed(text, before.get(cell)):
                yield text


def _is_typed(text: str, base: Any) -> bool:
    """Whether a text is something else than what the form began with. The field is gone and can't be asked how it reads: what may
    be the same counts as the same."""
    plain = text.strip().replace(",", "")
    if not plain:
        return False
    if base is None or isinstance(base, bool):
        return plain != "true" if base else plain != "false"  # boxes post false where they are not ticked
    if isinstance(base, dict):
        return plain not in {str(base.get("id")), f"{base.get('object')}/{base.get('id')}"}
    return plain != str(base).strip().replace(",", "")


def _renamed(given: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a map under today's names; where it has both, today's counts and the former stays, to be refused."""
    if names.keys().isdisjoint(given):
        return given
    return {names[name] if name in names and names[name] not in given else name: value for name, value in given.items()}
