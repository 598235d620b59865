"""The field type `state`: where a record stands in a process. Value: str, the state's name. It changes by the process's transitions
alone, whatever the door; a new record begins in the start state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields import choice
from engine.fields.base import Example, FieldKind
from metamodel.definitions.choices import ChoiceDef
from metamodel.expressions.types import Base, Type
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.definitions.processes import ProcessDef
    from metamodel.faults import Faults


def process_of(definition: FieldDef, model: Model) -> ProcessDef | None:
    """Return the process that moves a state field; None where there is none of that name."""
    return model.processes.get(str(definition.options.get("process", "")))


def states_of(definition: FieldDef, model: Model) -> Mapping[str, ChoiceDef]:
    """Return the states as choices, in forward order."""
    process = process_of(definition, model)
    states = process.states if process is not None else {}
    return {name: ChoiceDef(name, state.label, state.color) for name, state in states.items()}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    name = str(definition.options.get("process", ""))
    if name not in model.processes:
        message = Text(zh=f"没有名为 {name} 的流程", en=f"there is no process named {name}")
        faults.add("UNKNOWN_PROCESS", message, definition.mark, hint=near_miss(name, model.processes))


KIND = FieldKind(
    name="state",
    label=Text(zh="状态", en="State"),
    help=Text(zh="流程中的阶段，只能通过流转改变", en="A stage of a process, changed by its transitions alone"),
    icon="progress",
    value_type=lambda definition, model: Type(Base.CHOICE, names=tuple(states_of(definition, model))),
    column=lambda _definition: sa.Text(),
    parse=choice.KIND.parse,
    parse_text=choice.KIND.parse_text,
    dump=choice.KIND.dump,
    show=choice.KIND.show,
    edit=choice.KIND.edit,
    options={
        "process": {"type": "string", "description": "the process that moves it", "pattern": "^[a-z][a-z0-9_]{0,59}$"}
    },
    required_options=("process",),
    json_schema=lambda field: {"type": "string", "enum": list(field.choices)},
    choices=states_of,
    operators=choice.KIND.operators,
    check=_check,
    examples=(
        Example(json="talk", options={"process": "deal_stages"}, value="talk", shown="接触"),
        Example(text="成交", options={"process": "deal_stages"}, value="won"),
        Example(text=" Won ", options={"process": "deal_stages"}, value="won"),
        Example(json="gone", options={"process": "deal_stages"}, refused="UNKNOWN_CHOICE"),
        Example(json=1, options={"process": "deal_stages"}, refused="WRONG_TYPE"),
        Example(text="谈判", options={"process": "deal_stages"}, refused="UNKNOWN_CHOICE"),
    ),
    control="state",
    moved=True,
    widens_to=("text", "choice"),
)
