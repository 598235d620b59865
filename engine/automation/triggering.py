"""What several triggers share: the option `when`."""

from __future__ import annotations

from metamodel.options import OptionSort, Takes
from metamodel.text import Text

WHEN = OptionSort(Takes.CONDITION, Text(zh="条件", en="Condition"))
