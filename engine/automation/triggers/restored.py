"""The trigger `restored`: a record came back from the bin."""

from __future__ import annotations

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSorts
from metamodel.text import Text

KIND = Trigger(
    name="restored",
    label=Text(zh="恢复时", en="Restored"),
    help=Text(zh="记录从回收站恢复之后", en="After a record came back from the bin"),
    options=OptionSorts({"when": WHEN}),
    events=frozenset({"restored"}),
    examples=("restored", "{restored: {when: budget > 10000}}"),
)
