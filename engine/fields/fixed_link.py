"""What field types share that link to one object of the pack `base` and to no other: a link whose target is settled. No kind is here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields import link
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.fields.base import FieldKind
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults


def link_to(target: str) -> FieldKind:
    """Return the kind `link` with that target; names, options and examples are for the kind's own file to fill in."""

    def check(definition: FieldDef, model: Model, faults: Faults) -> None:
        if target not in model.objects:
            message = Text(
                zh=f"缺少对象 {target}：请依赖 base 包", en=f"the object {target} is missing: require the pack base"
            )
            faults.add("UNKNOWN_OBJECT", message, definition.mark)
        link.check_on_delete(definition, faults)
        link.check_link_default(definition, faults)

    return replace(
        link.KIND,
        value_type=lambda _definition, _model: Type(Base.LINK, objects=(target,)),
        required_options=(),
        targets=lambda _definition: (target,),
        check=check,
        examples=(),
        common=False,
    )
