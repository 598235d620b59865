"""Processes: every state can be reached and left, every name is there, every condition is one; and the fields they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.action_checks import check_actions
from metamodel.checks.context import below, item, roots_of
from metamodel.checks.ground import Ground
from metamodel.checks.named_checks import STATE, known_name, known_object, known_role
from metamodel.checks.object_checks import FIELD
from metamodel.checks.value_checks import check_persons
from metamodel.definitions.processes import OPEN
from metamodel.expressions.types import BOOLEAN
from metamodel.overlay import ROWS_TO, is_removal
from metamodel.reading.common import maps
from metamodel.states import process_name
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metamodel.checks.context import Checks
    from metamodel.definitions.common import Expression
    from metamodel.definitions.objects import ObjectDef
    from metamodel.definitions.processes import ProcessDef, StateDef, TransitionDef
    from metamodel.nodes import Node


def check_process(checks: Checks, process: ProcessDef) -> None:
    """Check one process."""
    tree = checks.tree("process", process.name)
    if known_object(checks, process.object, below(tree, "object").mark):
        definition = checks.model.objects[process.object]
        _check_field(checks, process, definition, tree)
        ground = Ground(process.object, roots_of(checks.model, process.object, rule=True))
        for name, state in process.states.items():
            _check_state(checks, definition, state, below(tree, "states", name), ground)
        for name, transition in process.transitions.items():
            _check_transition(checks, definition, transition, below(tree, "transitions", name), ground)
    _check_names(checks, process, tree)
    _check_ways(checks, process, tree)
    _check_removed(checks, process)


def check_state_fields(checks: Checks) -> None:
    """Check that the process of every field of states moves that very field, and that nothing else says where a record begins."""
    for definition in checks.model.objects.values():
        for field in definition.fields.values():
            name = process_name(field)
            sort = checks.kinds.fields.get(field.type) if name else None
            if sort is None or "process" not in sort.options:
                continue
            node = below(checks.tree("object", definition.name), "fields", field.name)
            process = checks.model.processes.get(name)
            if process is not None and (process.object, process.field) != (definition.name, field.name):
                message = Text(
                    zh=f"流程 {name} 管的是 {process.object}.{process.field}",
                    en=f"the process {name} moves {process.object}.{process.field}",
                )
                checks.faults.add("PROCESS_FIELD", message, below(node, "process").mark)
            if "default" in node.map:
                message = Text(zh="新记录从流程的起始状态开始", en="a new record begins where its process starts")
                hint = Text(zh="去掉 default", en="leave default out")
                checks.faults.add("DEFAULT_VALUE", message, below(node, "default").mark, hint=hint)


def _check_field(checks: Checks, process: ProcessDef, definition: ObjectDef, tree: Node) -> None:
    mark = below(tree, "field").mark
    if not known_name(checks, definition.fields, ("UNKNOWN_FIELD", FIELD), process.field, mark):
        return
    if process_name(definition.fields[process.field]) != process.name:
        path = f"{definition.name}.{process.field}"
        said = f"{{type: state, process: {process.name}}}"
        message = Text(zh=f"{path} 应是 {said}", en=f"{path} must be {said}")
        checks.faults.add("PROCESS_FIELD", message, mark)


def _check_state(checks: Checks, definition: ObjectDef, state: StateDef, node: Node, ground: Ground) -> None:
    if state.name == OPEN:
        message = Text(
            zh="open 指所有未结束的状态，不能作为状态名", en="open means every state that is not final: no state's name"
        )
        checks.faults.add("RESERVED_NAME", message, node.key_mark)
    for when in (state.enter_when, state.leave_when):
        _condition(checks, when, ground)
    if state.responsible is not None:
        check_persons(checks, ground, state.responsible)
    for name, step in state.steps.items():
        place = below(node, "steps", name)
        _known_fields(checks, definition, step.fields, place, "fields")
        _condition(checks, step.done_when, ground)
        if not step.fields and step.done_when is None:
            message = Text(zh=f"步骤 {name} 没说怎样算完成", en=f"nothing says when the step {name} is done")
            hint = Text(zh="写 fields 或 done_when", en="say fields or done_when")
            checks.faults.add("STEP_UNDONE", message, place.key_mark, hint=hint)


def _condition(checks: Checks, when: Expression | None, ground: Ground) -> None:
    if when is not None:
        ground.judge(checks, when, BOOLEAN)


def _known_fields(checks: Checks, definition: ObjectDef, names: Iterable[str], node: Node, key: str) -> None:
    for name in names:
        known_name(checks, definition.fields, ("UNKNOWN_FIELD", FIELD), name, item(node, key, name))


def _check_transition(
    checks: Checks, definition: ObjectDef, transition: TransitionDef, node: Node, ground: Ground
) -> None:
    _known_fields(checks, definition, transition.requires, node, "requires")
    _known_fields(checks, definition, transition.ask, node, "ask")
    for name in transition.ask:
        field = definition.fields.get(name)
        sort = checks.kinds.fields.get(field.type) if field is not None else None
        if field is not None and ((sort is not None and sort.computed) or process_name(field)):
            message = Text(
                zh=f"{name} 不能填写，不能放在 ask 里", en=f"{name} is not entered by anybody: it can't be asked for"
            )
            checks.faults.add("NOT_WRITABLE", message, item(node, "ask", name))
    _condition(checks, transition.when, ground)
    for role in transition.roles:
        known_role(checks, role, item(node, "roles", role))
    if transition.effects:
        check_actions(checks, transition.effects, below(node, "effects"), ground)


def _check_names(checks: Checks, process: ProcessDef, tree: Node) -> None:
    """States that are named are there; a way to ``open`` lets whoever goes it choose."""
    known = ("UNKNOWN_STATE", STATE)
    mark = below(tree, "start").mark
    if known_name(checks, process.states, known, process.start, mark) and process.states[process.start].final:
        message = Text(zh=f"起始状态 {process.start} 已是终态", en=f"the start {process.start} is final")
        checks.faults.add("START_FINAL", message, mark)
    for name, transition in process.transitions.items():
        node = below(tree, "transitions", name)
        for source in transition.sources:
            if source != OPEN:
                known_name(checks, process.states, known, source, item(node, "from", source))
        if transition.to != OPEN:
            known_name(checks, process.states, known, transition.to, below(node, "to").mark)
        if (transition.to == OPEN) != bool(transition.choose):
            message = Text(zh="to: open 要配 choose: target", en="to: open and choose: target go together")
            checks.faults.add("CHOOSE_TARGET", message, below(node, "choose" if transition.choose else "to").mark)


def _check_ways(checks: Checks, process: ProcessDef, tree: Node) -> None:
    """Every state is reached from the start, and every open one has a way out."""
    ways: dict[str, set[str]] = {name: set() for name in process.states}
    for transition in process.transitions.values():
        for source in process.sources_of(transition):
            ways[source].update(target for target in process.targets_of(transition) if target != source)
    reached = {process.start}
    waiting = [process.start]
    while waiting:
        fresh = ways.get(waiting.pop(), set()) - reached
        reached |= fresh
        waiting.extend(fresh)
    for name, state in process.states.items():
        mark = below(tree, "states", name).key_mark
        if process.start in process.states and not process.states[process.start].final and name not in reached:
            message = Text(zh=f"没有流转能到达状态 {name}", en=f"no transition leads to the state {name}")
            checks.faults.add("UNREACHABLE_STATE", message, mark)
        if not state.final and not ways[name]:
            message = Text(zh=f"状态 {name} 没有出路", en=f"there is no way out of the state {name}")
            hint = Text(zh="加一条流转，或写 final", en="add a transition, or say final")
            checks.faults.add("DEAD_END", message, mark, hint=hint)


def _check_removed(checks: Checks, process: ProcessDef) -> None:
    """Whoever takes a state away says where its records go."""
    for document in checks.merged["process", process.name].sources:
        for name, node in maps(document.root.map.get("states")).items():
            if not is_removal(node) and {"remove", ROWS_TO} & node.map.keys():
                message = Text(zh=f"状态 {name} 不能既移除又定义", en=f"the state {name} is taken away and described")
                hint = Text(zh="只写 {remove: true, rows_to: 状态}", en="write {remove: true, rows_to: state} alone")
                checks.faults.add("ROWS_TO", message, node.key_mark, hint=hint)
            if not is_removal(node) or name in process.states:
                continue
            target = process.removed.get(name, "")
            if ROWS_TO not in node.map:
                message = Text(zh=f"移除状态 {name} 要说明记录去向", en=f"where do the records of the state {name} go?")
                hint = Text(zh="写 {remove: true, rows_to: 状态}", en="write {remove: true, rows_to: state}")
                checks.faults.add("ROWS_TO", message, node.key_mark, hint=hint)
            elif target not in process.states:
                known_name(checks, process.states, ("UNKNOWN_STATE", STATE), target, node.map[ROWS_TO].mark)
