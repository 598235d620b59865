"""The frame for kinds: frozen records that say everything about one field type, function, action … and how they are
collected. What a kind does lives in its own file; nothing lists kinds twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.expressions.types import Type
    from metamodel.faults import Faults
    from metamodel.options import OptionSorts
    from metamodel.text import Text


class Named(Protocol):
    """What every kind has: a name that definitions use."""

    @property
    def name(self) -> str:
        """Return the name."""
        ...


class FieldSort(Protocol):
    """What the metamodel asks of a field type (the whole record is ``engine.fields.base.FieldKind``)."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def options(self) -> Mapping[str, Any]:
        """JSON Schema properties of the options that only this type knows; an option named here is accepted on its fields."""
        ...

    @property
    def required_options(self) -> tuple[str, ...]:
        """Names of own options that must be given."""
        ...

    @property
    def one_line(self) -> bool:
        """Whether it prints on one line (may be an object's `title`, a list column)."""
        ...

    @property
    def computed(self) -> bool:
        """Whether its value comes from an expression (formula, rollup): never written by anybody."""
        ...

    @property
    def expressions(self) -> tuple[str, ...]:
        """Names of own options that are expressions by nature (`value`, `filter`)."""
        ...

    @property
    def value_type(self) -> Callable[[FieldDef, Model], Type | None]:
        """Return the type a field of it has in expressions; None where it depends on a computed value (the checker infers it)."""
        ...

    @property
    def check(self) -> Callable[[FieldDef, Model, Faults], None] | None:
        """Add the faults of a field's options that its schema can't say; None where there are none."""
        ...


K = TypeVar("K", bound=Named)


class OptionedSort(Protocol):
    """What the metamodel asks of an action, a trigger, a widget or an assignee: its name, and what may be said with it."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def help(self) -> Text: ...
    @property
    def options(self) -> OptionSorts:
        """Return the options it takes."""
        ...


@dataclass(frozen=True, slots=True)
class Kinds:
    """All registries, frozen; an argument of whatever reads or checks definitions. ``functions`` maps upper-case names."""

    fields: Mapping[str, FieldSort]
    functions: Mapping[str, Any]
    actions: Mapping[str, OptionedSort] = field(default_factory=dict)
    triggers: Mapping[str, OptionedSort] = field(default_factory=dict)
    assignees: Mapping[str, OptionedSort] = field(default_factory=dict)
    widgets: Mapping[str, OptionedSort] = field(default_factory=dict)
    channels: Mapping[str, Named] = field(default_factory=dict)


def discover(package: ModuleType, kind: type[K]) -> Mapping[str, K]:
    """Collect ``KIND`` (or ``KINDS``, a tuple) of every module of ``package`` into a read-only mapping by name.

    Raises ValueError where two modules export one name or an export is not a ``kind``.
    """
    found: dict[str, K] = {}
    for info in sorted(iter_modules(package.__path__), key=lambda item: item.name):
        module = import_module(f"{package.__name__}.{info.name}")
        exported = getattr(module, "KINDS", None) or ((module.KIND,) if hasattr(module, "KIND") else ())
        for item in exported:
            if not isinstance(item, kind):
                raise ValueError(f"{module.__name__} exports {item!r}, which is no {kind.__name__}")  # noqa: TRY004
            if item.name in found:
                raise ValueError(f"{module.__name__}: the name {item.name} is taken")
            found[item.name] = item
    return MappingProxyType(found)
