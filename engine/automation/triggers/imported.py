"""The trigger `imported`: a record was made by an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSorts
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.automation.rules import Rule
    from engine.storage.outbox import Event


def _concerns(_rule: Rule, event: Event) -> bool:
    return event.payload.get("source") == "import"


KIND = Trigger(
    name="imported",
    label=Text(zh="导入时", en="Imported"),
    help=Text(zh="导入新建一条记录之后", en="After an import made a record"),
    options=OptionSorts({"when": WHEN}),
    events=frozenset({"created"}),
    concerns=_concerns,
    examples=("imported",),
)
