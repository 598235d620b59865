"""The frame for field types: the record ``FieldKind`` that each type's file fills in, and ``Field``, a field of a compiled
object as the kind's functions see it. No type is named here."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy.types import TypeEngine

    from metamodel.definitions.choices import ChoiceDef
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.expressions.types import Type
    from metamodel.faults import Faults

Value = Any  # a field's value in Python: see each kind's docstring; blank is None
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Reference(NamedTuple):
    """A link's value as read: the record's id, its title, and the object it is of."""

    id: int
    label: str
    object: str


def called(value: object) -> str:
    """Return what a record is called whose title has this value: a link's label, any other value as text; "" for blank."""
    return str(getattr(value, "label", value) or "")


class Target(NamedTuple):
    """What a link to several objects is set to: the object and the record's id."""

    object: str
    id: int


class By(NamedTuple):
    """A link as written by something other than the id: ``values`` of the target's fields (``{"by": {"phone": "…"}}``), or the
    ``text`` that a person typed or a file held. The command finds the one record meant, among those the writer may read."""

    values: Mapping[str, object] = NOTHING
    text: str = ""
    object: str = ""  # "": whichever object the link goes to


class Several(NamedTuple):
    """Several links as written: ``named`` in place of all there are, or, where that is None, some to ``add`` and some to ``remove``. Each is
    an id or a By. ``all_seen``: who writes sees all there are, so that what is not named goes."""

    named: Sequence[Value] | None = None
    add: Sequence[Value] = ()
    remove: Sequence[Value] = ()
    all_seen: bool = False


class Upload(NamedTuple):
    """An uploaded file as a field judges it: its name, the media type that its content told, its size in bytes; ``own``: whoever names it
    uploaded it; ``fresh``: it belongs to no record yet."""

    name: str
    type: str
    size: int
    own: bool = True
    fresh: bool = True


class Line(NamedTuple):
    """A row of a `lines` field as written: without an id a new one; ``values`` are still JSON, parsed with the lines' own fields."""

    id: int | None
    values: Mapping[str, object]
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Locale:
    """How a viewer reads and types: language (zh, en), own time zone, the organisation's zone."""

    language: str
    zone: ZoneInfo
    home: ZoneInfo


@dataclass(eq=False)
class ValueFault(Exception):
    """A value that a field can't take. ``code`` WRONG_TYPE, TOO_LONG, TOO_SMALL, TOO_BIG, UNKNOWN_CHOICE, MALFORMED …; the
    message says what is wrong and what would be right."""

    code: str
    message: Text

    def __post_init__(self) -> None:
        Exception.__init__(self, self.code, self.message.en)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a compiled object. ``columns``: key → physical column (one for most; none for lines and unstored formulas; one a
    target for a link to several objects). ``type`` is what expressions see."""

    definition: FieldDef
    kind: FieldKind
    object: str
    type: Type
    columns: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, ChoiceDef] = field(default_factory=dict)
    targets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the field's name."""
        return self.definition.name

    @property
    def label(self) -> Text:
        """Return its label."""
        return self.definition.label

    @property
    def associated(self) -> bool:
        """Whether its values lie in a table of their own, a row a link."""
        return self.kind.many and bool(self.targets)

    @property
    def options(self) -> Mapping[str, Any]:
        """Return the type's own options."""
        return self.definition.options


@dataclass(frozen=True, slots=True)
class Parts:
    """A value that lies in several columns: name → type of each, in order; how it is taken apart (a blank gives blanks) and put
    together again, in Python and, as expressions see it, in SQL. ``indexed``: an index finds records by all of them."""

    columns: Mapping[str, TypeEngine[Any]]
    split: Callable[[Value], Sequence[Any]]
    join: Callable[[Sequence[Any]], Value]
    sql: Callable[[Sequence[Any]], Any]
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """An example that runs as a test: a field with ``options`` takes ``text`` (as typed) or ``json`` (as the API sends it), gives
    ``value`` (as dumped to JSON) or the fault ``refused``; ``shown`` is the display in Chinese."""

    text: str | None = None
    json: object = None
    options: Mapping[str, Any] = field(default_factory=dict)
    value: object = None
    shown: str | None = None
    refused: str = ""


class Parse(Protocol):
    """How a kind reads JSON. ``locale`` matters to moments only: one without an offset is read in its ``home`` zone, and refused
    where there is no locale."""

    def __call__(self, field: Field, value: object, locale: Locale | None = None, /) -> Value:
        """Return the value, None where what came is blank. Raises ValueFault, nothing else."""
        ...


class Draw(Protocol):
    """How a kind draws a value in a cell or on a page, as markup in which everything is escaped; None where its text says all. ``brief``:
    among many others, in a list or on a card; ``links``: it may hold links, as what it stands in is none itself."""

    def __call__(self, field: Field, value: Value, locale: Locale, /, *, brief: bool, links: bool) -> str | None:
        """Return the markup of a value that is there."""
        ...


def never(_field: Field, _value: object, _locale: Locale | None = None, /) -> Value:
    """Refuse a value for a field that nobody writes."""
    raise ValueFault("READONLY", Text(zh="这是计算字段，不能写入", en="this field is computed and can't be written"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKind:
    """Everything about one field type.

    ``parse`` takes what JSON gives (strict: a wrong type is refused, never coerced; ``None`` is blank and does not reach it; text
    of spaces only gives None);
    ``parse_text`` what people type, paste and import (full-width digits, separators …; empty text does not reach it);
    ``dump`` gives the JSON form; ``show`` the text on screens; ``edit`` the text in a form control.
    ``control`` names the template beside the kind's file; ``operators`` the filter bar's operators (engine/fields/operators.py), in order.
    ``json_schema`` describes the dumped form, ``input_schema`` the written one where that differs.
    ``parts``: how a value lies in several columns (``column`` then says nothing but that it is stored). ``points``: the record that a
    value leads to, where it may be of any object.
    ``many``: a value is several, a tuple in a settled order without doubles (blank, None, where there are none). Several links (with ``targets``)
    lie in a table of their own, other values in one column, an array.
    ``load`` makes the value of what the column gives, where that is something else; a blank does not reach it.
    ``mask`` gives what of a value may be shown where it is masked; without one nothing of it is.
    ``draw`` gives the markup of a value that is more than its text on pages: a picture, a formatted text; ``admits`` says why an uploaded
    file can't be this field's (None: it can). ``signed``: the file keeps by whom and when it was made, in its name.
    ``choices`` and ``targets`` give what ``Field`` holds of a definition (``fields.make_field`` asks them).
    """

    name: str
    label: Text
    help: Text
    icon: str
    value_type: Callable[[FieldDef, Model], Type | None]
    column: Callable[[FieldDef], TypeEngine[Any] | None]  # None: nothing stored
    parse: Parse = never
    parse_text: Callable[[Field, str, Locale], Value] = never
    dump: Callable[[Field, Value], object]
    show: Callable[[Field, Value, Locale], str]
    edit: Callable[[Field, Value, Locale], str]
    options: Mapping[str, Any] = field(default_factory=dict)
    required_options: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    json_schema: Callable[[Field], dict[str, Any]]
    input_schema: Callable[[Field], dict[str, Any]] | None = None
    choices: Callable[[FieldDef, Model], Mapping[str, ChoiceDef]] | None = None
    targets: Callable[[FieldDef], tuple[str, ...]] | None = None
    parts: Parts | None = None
    points: Callable[[Value], Target] | None = None
    many: bool = False
    load: Callable[[Any], Value] | None = None
    mask: Callable[[Field, Value], str] | None = None
    operators: tuple[str, ...] = ()
    check: Callable[[FieldDef, Model, Faults], None] | None = None
    examples: tuple[Example, ...] = ()
    control: str = "text"
    one_line: bool = True
    beside: bool = False  # in a form it stands beside other fields, though it is no cell of a table
    computed: bool = False
    draw: Draw | None = None
    admits: Callable[[Field, Upload], ValueFault | None] | None = None
    signed: bool = False
    address: str = ""  # what a click on the value opens, the value at {}: mailto:{}
    addressed: Callable[[Value], str] | None = None  # what of the value stands there, where that is not all of it
    attached: bool = False  # the record that it leads to becomes this one's (see `about` of engine/records)
    moved: bool = False  # changes by transitions of a process alone: no writer sets it
    sortable: bool = True
    searchable: bool = False
    common: bool = False  # offered before the others of its sort
    numeric: bool = False  # aligned right, may be totalled
    widens_to: tuple[str, ...] = ()  # types every stored value of this one converts to without loss
