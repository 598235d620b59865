"""A plan as data: its steps, the problems that stand against it, and their JSON. How a plan is made and carried out lives beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.storage.physical import physical_name
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.publishing.desired import Desired
    from engine.publishing.naming import Naming
    from engine.records.compile import Records

SAFE, SLOW, LOSES = "safe", "slow", "loses_data"
EXPAND, CONTRACT = "expand", "contract"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``phase`` expand comes before the new version serves and hurts nobody on the old one; contract comes when nobody
    is on the old one. ``operation`` names its function in ddl.py or data.py; ``details`` is JSON."""

    phase: str
    operation: str
    table: str
    name: str = ""
    sentence: Text = field(default_factory=Text)
    risk: str = SAFE
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return what tells this step from all others of its plan."""
        return f"{self.phase}/{self.operation}/{self.table}/{self.name}"

    def to_json(self) -> dict[str, Any]:
        """Return the form that the journal and ``--format json`` hold."""
        return {
            "phase": self.phase,
            "operation": self.operation,
            "table": self.table,
            "name": self.name,
            "sentence": {"zh": self.sentence.zh, "en": self.sentence.en},
            "risk": self.risk,
            "details": dict(self.details),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Step:
        """Return the step that ``to_json`` wrote."""
        return Step(
            data["phase"],
            data["operation"],
            data["table"],
            data["name"],
            Text(**data["sentence"]),
            data["risk"],
            data["details"],
        )


def carry_name(table: str, column: str) -> str:
    """Return the name of the trigger, and of its function, that keeps a column's successor in step."""
    return physical_name("carry", table, column)


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that stands against a step. ``code``: BLANK, DUPLICATE, NOT_CONVERTIBLE, DANGLING_LINK, UNKNOWN_CHOICE. ``lossy``: may
    be gone on with by accepting the loss."""

    code: str
    object: str
    field: str
    record: int
    value: str
    reason: Text
    lossy: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return it for ``--format json``."""
        return {
            "code": self.code,
            "object": self.object,
            "field": self.field,
            "record": self.record,
            "value": self.value,
            "reason": {"zh": self.reason.zh, "en": self.reason.en},
            "lossy": self.lossy,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing would do to the database. ``records`` are the new definitions compiled, ``desired`` is where it leads."""

    naming: Naming
    records: Records
    desired: Desired
    steps: tuple[Step, ...] = ()

    def of(self, phase: str) -> tuple[Step, ...]:
        """Return the steps of a phase, in order."""
        return tuple(step for step in self.steps if step.phase == phase)


LISTED = 1000  # problems of one step that are listed; the rest are counted


@dataclass(eq=False)
class PlanRefusal(Exception):
    """The data stand against a plan. Nothing was changed. ``total`` counts all rows, ``problems`` lists the first of each step."""

    problems: tuple[Problem, ...]
    total: int

    def __post_init__(self) -> None:
        Exception.__init__(self, f"{self.total} rows stand against this change")

    @property
    def lossy(self) -> bool:
        """Return whether accepting the loss would let it go on."""
        return all(problem.lossy for problem in self.problems)
