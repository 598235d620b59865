"""The names and types that each object's records offer to expressions; the types of computed fields are inferred here, in the
order in which they hang on one another. Also for those who compile: this is the checker's ``Schema``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from metamodel.checks.memo import Watch, WatchedSchema, is_unchanged
from metamodel.definitions.common import Expression
from metamodel.expressions.checker import Checked, Scope, check_expression
from metamodel.expressions.types import SEVERAL, UNKNOWN, Base, Type
from metamodel.names import OWNED_FIELDS, SYSTEM_FIELDS, USER
from metamodel.reading.defaults import reverse_sides

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.kinds import Kinds
    from metamodel.layers import Cache

Place = tuple[str, str]  # object, field
Reads = Mapping[tuple[str, str, str], object]
ME: Mapping[str, Type] = {"me": Type(Base.LINK, (USER,))}


class NotInferredError(Exception):
    """An expression read a computed field whose type is not known yet."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"{place[0]}.{place[1]}")
        self.place = place


class Members(Mapping[str, Type]):
    """An object's names. Reading a computed field whose type is still to be inferred raises NotInferredError."""

    def __init__(self, object_name: str, types: dict[str, Type | None]) -> None:
        self._object = object_name
        self._types = types

    def __getitem__(self, name: str) -> Type:
        found = self._types[name]
        if found is None:
            raise NotInferredError((self._object, name))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


class ModelSchema:
    """The ``Schema`` of a model. ``broken`` are fields whose options are malformed: nothing is known of them. ``computed``: the check of every computed field; ``order``: those fields, each after what it reads;
    ``circles``: fields that hang on themselves."""

    def __init__(
        self, model: Model, kinds: Kinds, cache: Cache | None = None, broken: frozenset[Place] = frozenset()
    ) -> None:
        self._model = model
        self._broken = broken
        self._cache = cache
        self._kinds = kinds
        lost = {side.name: UNKNOWN for target, side in reverse_sides(model.objects) if target not in model.objects}
        self._types = {name: {**lost, **self._known(name)} for name in model.objects}  # whose other side, nobody knows
        self._members = {name: Members(name, types) for name, types in self._types.items()}
        self.computed: dict[Place, Checked] = {}
        self.circles: list[tuple[Place, ...]] = []
        for name, types in self._types.items():
            for field, found in list(types.items()):
                if found is None and types[field] is None:
                    self._infer((name, field))

    @property
    def order(self) -> list[Place]:
        """Return the computed fields, each after those it reads."""
        return list(self.computed)

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the names an object's records offer, or None where there is no such object."""
        return self._members.get(object_name)

    def targets(self) -> Collection[str]:
        """Return the names of all targets: what metrics and widgets hold figures against."""
        held = (
            one.options.get("target") for board in self._model.dashboards.values() for one in board.widgets.values()
        )
        metrics = (one.target or one.name for one in self._model.metrics.values())
        return {*metrics, *(one for one in held if isinstance(one, str))}

    def _known(self, name: str) -> dict[str, Type | None]:
        definition = self._model.objects[name]
        types: dict[str, Type | None] = dict(SYSTEM_FIELDS)
        if definition.owner:
            types.update(OWNED_FIELDS)
        for side in self._model.reverse.get(name, {}).values():
            types[side.name] = Type(Base.ROWS, (side.object,), order=side.order)
        for field in definition.fields.values():
            types[field.name] = UNKNOWN if (name, field.name) in self._broken else self._type_of(field)
        return types

    def _type_of(self, field: FieldDef) -> Type | None:
        sort = self._kinds.fields.get(field.type)
        if sort is None:
            return UNKNOWN  # named as a fault already
        found = sort.value_type(field, self._model)
        if found is None:
            return None if isinstance(field.options.get("value"), Expression) else UNKNOWN
        if found.base in {Base.LINK, Base.LINKS, Base.ROWS} and not all(
            target in self._model.objects for target in found.objects
        ):
            return UNKNOWN  # its target is missing, which is a fault of its own
        if found.base is Base.CHOICE and not found.names:
            return Type(Base.CHOICE)  # its list is missing, likewise
        return found

    def _infer(self, first: Place) -> None:
        """Infer the type of ``first``, and before it of whatever it reads: a stack of our own, however long the chain."""
        waiting = [first]
        while waiting:
            place = waiting[-1]
            try:
                checked = self._check(place)
            except NotInferredError as need:
                if need.place in waiting:
                    self._close(tuple(waiting[waiting.index(need.place) :]))
                else:
                    waiting.append(need.place)
                continue
            waiting.pop()
            found = checked.expression.type if checked.expression is not None else UNKNOWN
            if self._types[place[0]][place[1]] is None:
                self._types[place[0]][place[1]] = UNKNOWN if found.base in {Base.BLANK, *SEVERAL} else found
            self.computed[place] = checked

    def _close(self, circle: tuple[Place, ...]) -> None:
        self.circles.append(circle)
        for object_name, field in circle:
            self._types[object_name][field] = UNKNOWN

    def _check(self, place: Place) -> Checked:
        value: Expression = self._model.objects[place[0]].fields[place[1]].options["value"]
        if self._cache is None:
            return check_expression(value.text, Scope(self, place[0], ME), self._kinds.functions)
        key, token = f"type {place[0]}.{place[1]}", value.text
        known: tuple[Reads, Checked] | None = self._cache.recall(key, token)
        if known is not None and is_unchanged(known[0], self._model, self):
            return known[1]
        watch = Watch()
        scope = Scope(WatchedSchema(self, watch), place[0], ME)
        checked = check_expression(value.text, scope, self._kinds.functions)
        if not watch.whole:
            self._cache.keep(key, token, (watch.reads, checked))
        return checked
