"""Turning a field's values into values of another type: by way of the text that a person would see in a form, so that every pair of
types is served and none is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.fields.base import Locale, Reference, ValueFault
from metamodel.text import Text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.fields.base import Field, Value
    from engine.publishing.steps import Step
    from engine.records.compile import Records


@dataclass(frozen=True, slots=True)
class Converter:
    """From ``old`` to ``new``. A blank stays blank."""

    old: Field
    new: Field
    locale: Locale

    def __call__(self, value: Value) -> Value:
        """Return the converted value. Raises ValueFault where there is none."""
        if value is None:
            return None
        if self.old.targets or self.new.targets:
            raise ValueFault("LINK", Text(zh="引用的对象已改变", en="it refers to another object now"))
        text = self.old.kind.edit(self.old, value, self.locale).strip()
        if not text:
            return None
        converted = self.new.kind.parse_text(self.new, text, self.locale)
        return converted.id if isinstance(converted, Reference) else converted

    def kept(self, value: Value, before: Value) -> bool:
        """Whether ``before``, which a column back from retirement still holds, says what ``value`` says: then it stays as it is, so
        that what a conversion had lost comes back with it."""
        back = Converter(self.new, self.old, self.locale)
        try:
            return bool(back(before) == value)
        except ValueFault:
            return value is None

    def shown(self, value: Value) -> str:
        """Return the value as people see it."""
        return self.old.kind.show(self.old, value, self.locale)[:200] if not self.old.targets else str(value)


def converter(step: Step, before: Records, after: Records, home: ZoneInfo) -> Converter:
    """Return the converter of a ``convert`` step."""
    details = step.details
    old = before.objects[details["old_object"]].fields[details["old_field"]]
    new = after.objects[details["object"]].fields[details["field"]]
    return Converter(old, new, Locale("zh", home, home))
