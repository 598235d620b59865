"""What a message does not say in clear: a rule reads records as the system does, who is told reads them by their roles. A field that is
hidden or masked for somebody is so in what they are told; whether they may read the record is the rule's decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.automation.values import addressed, fields_along, scope_of
from engine.people.actors import load_actor
from engine.records.access import rights_of
from engine.records.compile import Records
from engine.records.rights import Right
from metamodel.templates import places
from metamodel.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.automation.doing import Doing
    from engine.records.access import Rights
    from metamodel.text import Text

Covered = Mapping[str, Right]  # place in a text → what its readers may see of it: HIDDEN or MASKED
_COVERS = {"hidden", "masked"}


def by_reader(doing: Doing, messages: Sequence[Text], people: Sequence[int]) -> list[tuple[tuple[int, ...], Covered]]:
    """Return those who are told, those together who may see the same of what the messages say, with what is covered for them. Nobody's
    roles are asked where no role covers anything of it."""
    records = doing.context.runtime.part(Records)
    covers = {
        field for role in records.model.roles.values() for field, right in role.fields.items() if right in _COVERS
    }
    through = {
        path: fields for path, fields in _through(doing, messages, people).items() if covers.intersection(fields)
    }
    if not through:
        return [(tuple(people), {})]
    found: dict[tuple[tuple[str, Right], ...], list[int]] = {}
    for person in people:
        actor = load_actor(doing.context.connection, user_id=person)
        if actor is not None:
            rights = rights_of(records, actor)
            seen = {path: _least(rights, fields) for path, fields in through.items()}
            covered = tuple((path, right) for path, right in seen.items() if right < Right.READ)
            found.setdefault(covered, []).append(person)
    return [(tuple(some), dict(covered)) for covered, some in found.items()]


def _through(doing: Doing, messages: Sequence[Text], people: Sequence[int]) -> dict[str, list[str]]:
    """Return place → the fields (``object.field``) that lead to what stands there, the last one being it."""
    scope = scope_of(addressed(doing, people[0]))
    texts = [getattr(message, language) for message in messages for language in LANGUAGES]
    paths = {place.path for text in texts for place in places(text) if place.good}
    return {
        path: [f"{name}.{field.name}" for name, field in fields_along(doing, scope, path) if field] for path in paths
    }


def _least(rights: Rights, fields: Sequence[str]) -> Right:
    """Return what somebody may see at the end of a path: of a link that is not theirs to see nothing behind it."""
    *links, last = fields
    if any(_right(rights, one) < Right.READ for one in links):
        return Right.HIDDEN
    return _right(rights, last)


def _right(rights: Rights, field: str) -> Right:
    name, _, own = field.partition(".")
    if rights.full or rights.grants(name, "read"):
        return rights.field(name, own).least
    given = [rights.records.model.roles[role].fields.get(field, "edit") for role in rights.roles]
    return min((Right[one.upper()] for one in given), default=Right.READ)
