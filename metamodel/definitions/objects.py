"""What an object definition says: fields, rules, forms, views. Plain frozen data, made by reading, used by everybody above."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression
    from metamodel.definitions.sharing import EditLockDef, PoolDef, TeamDef

LIKENESS = Decimal("0.85")  # how alike two names must be where a rule does not say


@dataclass(frozen=True, slots=True)
class DefaultDef:
    """A field's default: a literal, or an expression; ``again_when`` names fields whose change computes it anew while entering."""

    value: object  # str | bool | int | Decimal | Expression
    again_when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field. Options every type has are attributes; ``options`` holds the type's own, as its schema describes them
    (expressions among them as ``Expression``)."""

    name: str
    type: str
    label: Text
    help: Text = field(default_factory=Text)
    required: bool = False
    default: DefaultDef | None = None
    readonly: bool = False
    hidden: bool = False
    unique: bool = False
    index: bool = False
    search: bool = False
    was: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class CheckDef:
    """A rule that a record must meet when new or when a field it reads has changed. ``field``: where the message stands ("" = the record)."""

    name: str
    require: Expression
    message: Text
    field: str = ""


@dataclass(frozen=True, slots=True)
class UniqueDef:
    """Fields that together occur once among living records; rows with a blank among them, or outside ``when``, don't count."""

    name: str
    fields: tuple[str, ...]
    when: Expression | None = None
    message: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class DuplicateDef:
    """When two records are taken for the same thing: all of ``exact`` are alike but for how they are written, or the names in ``similar``
    are alike to ``at_least`` (0 to 1). ``block``: such a record is refused; without it people are told. Rows with a blank among the
    fields, or outside ``when``, don't count."""

    name: str
    exact: tuple[str, ...] = ()
    similar: str = ""
    at_least: Decimal = LIKENESS
    block: bool = False
    when: Expression | None = None
    message: Text = field(default_factory=Text)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are compared."""
        return self.exact or (self.similar,)


@dataclass(frozen=True, slots=True)
class SectionDef:
    """A group of fields on a form tab, in ``columns`` (1 to 4)."""

    name: str
    fields: tuple[str, ...]
    columns: int = 2
    label: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class TabDef:
    """A tab of a form."""

    name: str
    sections: Mapping[str, SectionDef]
    label: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class FormDef:
    """An object's form and record page. ``related``: reverse names shown as lists on the record page."""

    tabs: Mapping[str, TabDef] = field(default_factory=dict)
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TintDef:
    """A colour that a view gives the records on which ``when`` holds: the whole row, or the cells of ``fields``. Of several that hold for
    the same place the first one counts."""

    name: str
    when: Expression
    color: str
    fields: tuple[str, ...] = ()
    label: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class ViewDef:
    """A named view. ``kind`` is list, kanban, calendar, cards or map; ``sort`` names fields, ``-`` in front for descending. ``by``: the
    lanes of a board, the groups of a list; ``per``: the step of groups of days (day, week, month, quarter, year)."""

    name: str
    label: Text
    kind: str = "list"
    columns: tuple[str, ...] = ()
    filter: Expression | None = None
    sort: tuple[str, ...] = ()
    totals: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    card: tuple[str, ...] = ()
    at: str = ""
    per: str = ""
    colors: Mapping[str, TintDef] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectDef:
    """An object. Maps keep definition order."""

    name: str
    label: Text
    fields: Mapping[str, FieldDef]
    title: str
    plural: Text = field(default_factory=Text)
    icon: str = "table"
    owner: str = ""
    pack: str = ""
    was: str = ""
    visible_when: Mapping[str, Expression] = field(default_factory=dict)
    required_when: Mapping[str, Expression] = field(default_factory=dict)
    readonly_when: Mapping[str, Expression] = field(default_factory=dict)
    checks: Mapping[str, CheckDef] = field(default_factory=dict)
    unique: Mapping[str, UniqueDef] = field(default_factory=dict)
    form: FormDef = field(default_factory=FormDef)
    views: Mapping[str, ViewDef] = field(default_factory=dict)
    history: bool = True
    pool: PoolDef | None = None
    edit_lock: EditLockDef | None = None
    team: TeamDef | None = None
    duplicates: Mapping[str, DuplicateDef] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)
