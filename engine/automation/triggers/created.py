"""The trigger `created`: a record was made."""

from __future__ import annotations

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSorts
from metamodel.text import Text

KIND = Trigger(
    name="created",
    label=Text(zh="新建时", en="Created"),
    help=Text(zh="新建一条记录之后", en="After a record was made"),
    options=OptionSorts({"when": WHEN}),
    events=frozenset({"created"}),
    examples=("created", "{created: {when: budget > 10000}}"),
)
