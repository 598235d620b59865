"""Names of definitions in options, and of what is in definitions: objects, states, transitions, views, operations, roles, channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from metamodel.checks.ground import NO_OBJECT
from metamodel.checks.object_checks import check_path
from metamodel.checks.view_checks import BUILT_IN_ROLE
from metamodel.options import Takes
from metamodel.states import processes_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from metamodel.checks.context import Checks
    from metamodel.checks.ground import Options
    from metamodel.faults import Mark
    from metamodel.options import OptionSort

    Look = Callable[[Options, OptionSort, str, Mark], None]

OBJECT = Text(zh="对象", en="object")
ROLE = Text(zh="角色", en="role")
STATE = Text(zh="状态", en="state")
TRANSITION = Text(zh="流转", en="transition")
APPROVAL = Text(zh="审批", en="approval")
CHANNEL = Text(zh="渠道", en="channel")
WORDS_OF_TIME = (
    "hour",
    "day",
    "weekday",
    "week",
    "month",
    "quarter",
    "year",
)  # what a widget may split by, beside paths


def known_object(checks: Checks, name: str, mark: Mark) -> bool:
    """Whether there is such an object; adds the fault where there is not."""
    return known_name(checks, checks.model.objects, ("UNKNOWN_OBJECT", OBJECT), name, mark)


def known_role(checks: Checks, name: str, mark: Mark) -> bool:
    """Whether there is such a role; adds the fault where there is not."""
    if name == BUILT_IN_ROLE or name in checks.model.roles:
        return True
    checks.unknown("UNKNOWN_ROLE", ROLE, name, mark, [*checks.model.roles, BUILT_IN_ROLE])
    return False


def known_channel(checks: Checks, name: str, mark: Mark) -> bool:
    """Whether there is such a channel; adds the fault where there is not."""
    return known_name(checks, checks.kinds.channels, ("UNKNOWN_CHANNEL", CHANNEL), name, mark)


def known_name(checks: Checks, known: Container[str], what: tuple[str, Text], name: str, mark: Mark) -> bool:
    """Whether ``name`` is one of ``known``; adds the fault where it is not. ``what``: its code, and what is missing."""
    if name in known:
        return True
    checks.unknown(*what, name, mark, list(known) if isinstance(known, Iterable) else ())
    return False


def _object(options: Options, _sort: OptionSort, name: str, mark: Mark) -> None:
    known_object(options.checks, name, mark)


def _role(options: Options, _sort: OptionSort, name: str, mark: Mark) -> None:
    known_role(options.checks, name, mark)


def _channel(options: Options, _sort: OptionSort, name: str, mark: Mark) -> None:
    known_channel(options.checks, name, mark)


def _process(options: Options, _sort: OptionSort, name: str, mark: Mark) -> None:
    known = options.checks.model.processes
    known_name(options.checks, known, ("UNKNOWN_PROCESS", Text(zh="流程", en="process")), name, mark)


def _metric(options: Options, _sort: OptionSort, name: str, mark: Mark) -> None:
    known = options.checks.model.metrics
    known_name(options.checks, known, ("UNKNOWN_METRIC", Text(zh="指标", en="metric")), name, mark)


def _state(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    _in_process(options, sort, name, mark, "states")


def _transition(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    _in_process(options, sort, name, mark, "transitions")


def _in_process(options: Options, sort: OptionSort, name: str, mark: Mark, part: str) -> None:
    """A state or transition of a process that moves what the option is about."""
    checks, about = options.checks, options.about(sort)
    if about is None:
        return
    processes = processes_of(checks.model.objects[about], checks.model) if about != NO_OBJECT else ()
    if not processes:
        message = Text(
            zh=f"{about} 没有流程" if about else "这里没有对应的记录",
            en=f"{about} has no process" if about else "there is no record that this could be about",
        )
        checks.faults.add("NO_PROCESS" if about else "NO_RECORD", message, mark)
        return
    known = [one for process in processes for one in getattr(process, part)]
    if name not in known:
        is_state = part == "states"
        checks.unknown(
            "UNKNOWN_STATE" if is_state else "UNKNOWN_TRANSITION", STATE if is_state else TRANSITION, name, mark, known
        )


def _approval(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    checks, about = options.checks, options.about(sort)
    found = checks.model.approvals.get(name)
    if found is None:
        checks.unknown("UNKNOWN_APPROVAL", APPROVAL, name, mark, checks.model.approvals)
    elif about and found.object != about:
        _other_object(checks, f"{APPROVAL.zh} {name}", f"the approval {name}", (found.object, about), mark)


def _operation(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    _of_connection(options, sort, name, mark, _OPERATION)


def _inbound(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    _of_connection(options, sort, name, mark, _INBOUND)


_OPERATION = ("operations", "UNKNOWN_OPERATION", Text(zh="操作", en="operation"))
_INBOUND = ("inbound", "UNKNOWN_INBOUND", Text(zh="入口", en="way in"))


def _of_connection(options: Options, sort: OptionSort, name: str, mark: Mark, sought: tuple[str, str, Text]) -> None:
    """Check a name such as ``erp.stock``: a connection, and what it is sought for in it (part, code of the fault, word), about the right
    object."""
    part, code, what = sought
    checks, about = options.checks, options.about(sort)
    system, _, entry = name.partition(".")
    connection = checks.model.connections.get(system)
    if connection is None:
        checks.unknown("UNKNOWN_CONNECTION", Text(zh="连接", en="connection"), system, mark, checks.model.connections)
        return
    entries = getattr(connection, part)
    found = entries.get(entry)
    if found is None:
        checks.unknown(code, what, entry, mark, entries)
    elif about and found.object != about:
        _other_object(checks, f"{what.zh} {name}", f"the {what.en} {name}", (found.object, about), mark)


def _part(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    """A part of the team of what the option is about; that there is a team is another question."""
    about = options.about(sort)
    team = options.checks.model.objects[about].team if about else None
    if team is not None and name not in team.roles:
        options.checks.unknown("UNKNOWN_PART", Text(zh="团队角色", en="part of the team"), name, mark, team.roles)


def _other_object(checks: Checks, zh: str, en: str, objects: tuple[str, str], mark: Mark) -> None:
    message = Text(
        zh=f"{zh}属于 {objects[0]}，这里是 {objects[1]}", en=f"{en} is about {objects[0]}, here is {objects[1]}"
    )
    checks.faults.add("OTHER_OBJECT", message, mark)


def _view(options: Options, _sort: OptionSort, name: str, mark: Mark) -> None:
    checks = options.checks
    object_name, _, view = name.partition(".")
    definition = checks.model.objects.get(object_name)
    if definition is None:
        checks.unknown("UNKNOWN_OBJECT", OBJECT, object_name, mark, checks.model.objects)
    elif view not in definition.views:
        checks.unknown("UNKNOWN_VIEW", Text(zh="视图", en="view"), view, mark, definition.views)


def _path(options: Options, sort: OptionSort, name: str, mark: Mark) -> None:
    about = options.about(sort)
    if about is None or name in sort.choices or (name in WORDS_OF_TIME and not sort.choices):
        return
    if about == NO_OBJECT:
        message = Text(zh="这里没有对应的记录", en="there is no record that this could be about")
        options.checks.faults.add("NO_RECORD", message, mark)
        return
    check_path(options.checks, about, name, mark)


NAMED: Mapping[Takes, Look] = {
    Takes.OBJECT: _object,
    Takes.OBJECTS: _object,
    Takes.ROLE: _role,
    Takes.ROLES: _role,
    Takes.CHANNELS: _channel,
    Takes.PROCESS: _process,
    Takes.METRIC: _metric,
    Takes.STATE: _state,
    Takes.STATES: _state,
    Takes.TRANSITION: _transition,
    Takes.APPROVAL: _approval,
    Takes.OPERATION: _operation,
    Takes.INBOUND: _inbound,
    Takes.PART: _part,
    Takes.VIEW: _view,
    Takes.PATH: _path,
    Takes.PATHS: _path,
}
