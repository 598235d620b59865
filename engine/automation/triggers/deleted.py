"""The trigger `deleted`: a record went to the bin."""

from __future__ import annotations

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSorts
from metamodel.text import Text

KIND = Trigger(
    name="deleted",
    label=Text(zh="删除时", en="Deleted"),
    help=Text(zh="记录移入回收站之后", en="After a record went to the bin"),
    options=OptionSorts({"when": WHEN}),
    events=frozenset({"deleted"}),
    examples=("deleted", "{deleted: {when: budget > 10000}}"),
)
