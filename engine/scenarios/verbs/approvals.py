"""The verbs of approvals: what somebody does about the approval of a record that is under way, made from the operations there are. Those
whose names mean something else for records end in ``_approval``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals import store
from engine.approvals.decide import operate
from engine.approvals.machine import OPERATIONS
from engine.approvals.operation import SYSTEM, Given, not_now
from engine.approvals.reading import demand_seen
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.approvals.operation import OperationKind
    from engine.context import Context
    from engine.scenarios.verb import Options

_CLAIMED = frozenset({"copy", "transfer", "stop"})  # acts on records have these names


def _does(operation: str) -> Callable[[Context, Options], Outcome]:
    def run(context: Context, options: Options) -> Outcome:
        record = options.record("record")
        found = store.of_records(context, record.object, [record.id])
        running = [held for held in found if held.finished_at is None] or found[-1:]
        if not running:
            raise not_now("没有进行中的审批", "no approval of it is under way")
        demand_seen(context, running[-1].id)
        given = Given(
            operation,
            actor=context.actor.id,
            comment=str(options.get("comment") or ""),
            to=(options.record("to").id,) if options.get("to") is not None else (),
            step=str(options.get("step") or ""),
            place=str(options.get("place") or ""),
        )
        operate(context, running[-1].id, given, options.get("set"))
        return Outcome(record.object, (record.id,))

    return run


def _verb(kind: OperationKind) -> Verb:
    name = f"{kind.name}_approval" if kind.name in _CLAIMED else kind.name
    options = {"record": Option(Takes.RECORD, required=True), "comment": Option(Takes.TEXT)}
    if {"to", "people"} & set(kind.takes):
        options["to"] = Option(Takes.RECORD, required=True)
    if "step" in kind.takes:
        options["step"] = Option(Takes.TEXT)
    if "place" in kind.takes:
        options["place"] = Option(Takes.TEXT, required=True)
    if kind.decides:
        options["set"] = Option(Takes.VALUES)
    more = "".join(f", {key}: {_EXAMPLE[key]}" for key in options if key in _EXAMPLE and key not in {"comment", "set"})
    return Verb(
        name=name,
        label=kind.label,
        help=Text(zh=f"审批：{kind.help.zh}", en=f"Approvals: {kind.help.en}"),
        options=options,
        run=_does(kind.name),
        examples=(f"{{{name}: {{record: =q{more}}}}}",),
    )


_EXAMPLE = {"to": "dora", "step": "director", "place": "before"}
KINDS = tuple(_verb(kind) for kind in OPERATIONS.values() if kind.by != frozenset({SYSTEM}) and kind.name != "submit")
