"""What was expected of a step against what came of it, in words that show both."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from engine.scenarios.passing import told
from engine.scenarios.stage import HOME, NamesReader
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN
from metamodel.names import USER
from metamodel.text import Text, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.refusals import Refusal
    from engine.scenarios.parts import Expectation, Notified
    from engine.scenarios.stage import Stage
    from engine.scenarios.verb import Outcome

UNWARNED = "nothing"
Difference = tuple[Text, tuple[Text, ...]]


def differences(
    expect: Expectation, stage: Stage, by: str, outcome: Outcome | None, refusal: Refusal | None
) -> Difference | None:
    """Return what is not as expected (a sentence, and the values that show it), or None where all is."""
    if expect.refused:
        found = _refused(expect, refusal)
        if found is not None:
            return found
    if outcome is not None and expect.count is not None and len(outcome.ids) != expect.count:
        message = Text(
            zh=f"应有 {expect.count} 条记录，实际 {len(outcome.ids)} 条",
            en=f"expected {expect.count} records, there are {len(outcome.ids)}",
        )
        return message, (_listed(stage, outcome.object, outcome.ids),)
    if outcome is not None and expect.records is not None:
        found = _records(expect.records, stage, outcome)
        if found is not None:
            return found
    if outcome is not None and expect.shows is not None:
        found = _shows(expect.shows, stage, outcome)
        if found is not None:
            return found
    if outcome is not None and expect.warned is not None:
        found = _warned(expect.warned, outcome)
        if found is not None:
            return found
    if expect.notified is not None:
        found = _notified(expect.notified, stage, by)
        if found is not None:
            return found
    return _holds(expect, stage, by) if expect.holds is not None else None


def _warned(wanted: str, outcome: Outcome) -> Difference | None:
    """Look whether the writer was told of a likely duplicate, by that rule."""
    if wanted in outcome.warned or (wanted == UNWARNED and not outcome.warned):
        return None
    message = Text(zh=f"应提示重复（{wanted}）", en=f"expected a warning of a duplicate ({wanted})")
    lines = [plain(rule) for rule in outcome.warned]
    return message, tuple(lines) or (Text(zh="没有提示", en="there was none"),)


def _notified(wanted: Notified, stage: Stage, by: str) -> Difference | None:
    """Look whether somebody was told: so far in the scenario, by that channel, with those words."""
    given = wanted.to
    to = stage.evaluate(stage.typed(given), by) if isinstance(given, Expression) else stage.names[given].id
    messages = told(stage)
    fitting = [
        message
        for message in messages
        if to in message["to"]
        and (not wanted.by or wanted.by in message["by"])
        and any(wanted.says in str(text) for one in ("body", "subject") for text in (message.get(one) or {}).values())
    ]
    if len(fitting) == wanted.times or (fitting and wanted.times is None):
        return None
    said = Text(
        zh=f"应通知 {_person(stage, to)}" + (f"（{wanted.by}）" if wanted.by else ""),
        en=f"{_person(stage, to)} should have been told" + (f" by {wanted.by}" if wanted.by else ""),
    )
    lines = [
        plain(
            f"→ {', '.join(_person(stage, one) for one in message['to'])} [{', '.join(message['by'])}] {message['body']['zh']}"
        )
        for message in messages[-20:]
    ]
    return said, tuple(lines) or (Text(zh="没有任何通知", en="nobody was told anything"),)


def _shows(wanted: Mapping[str, object], stage: Stage, outcome: Outcome) -> Difference | None:
    """Compare figures: numbers as numbers, whatever they are written as; a step of a path that is a name stands for what it names."""
    for path, value in wanted.items():
        here = ".".join(str(stage.names[step].id) if step in stage.names else step for step in path.split("."))
        there = outcome.shown.get(here)
        if here not in outcome.shown or _comparable(there, stage) != _comparable(value, stage):
            message = Text(zh=f"{path} 应为 {value}", en=f"{path} should be {value}")
            lines = [plain(f"{name} = {shown}") for name, shown in outcome.shown.items() if not name.endswith("url")]
            return message, tuple(lines[:60]) or (Text(zh="什么也没有", en="nothing is shown"),)
    return None


def _comparable(value: object, stage: Stage) -> object:
    if isinstance(value, str) and value in stage.names:
        return Decimal(stage.names[value].id)
    if isinstance(value, bool) or value is None:
        return value or None
    text = str(value)
    try:
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return text


def _person(stage: Stage, number: object) -> str:
    return next(
        (name for name, known in stage.names.items() if known.object == USER and known.id == number), f"#{number}"
    )


def _refused(expect: Expectation, refusal: Refusal | None) -> Difference | None:
    wanted = f"{expect.refused} @ {expect.at}" if expect.at else expect.refused
    if refusal is None:
        return Text(zh=f"应被拒绝（{wanted}），却成功了", en=f"expected a refusal ({wanted}), it went through"), ()
    codes = {(refusal.code, "")} | {(error.code, error.field) for error in refusal.errors}
    fields = {error.field for error in refusal.errors}
    right = any(code == expect.refused and expect.at in {"", name} for code, name in codes) or (
        refusal.code == expect.refused and expect.at in {"", *fields}
    )
    if right:
        return None
    message = Text(
        zh=f"应以 {wanted} 拒绝，实际以 {refusal.code} 拒绝",
        en=f"expected a refusal {wanted}, it was refused with {refusal.code}",
    )
    lines = [refusal.message]
    lines += [
        Text(zh=f"{e.field}  {e.code}  {e.message('zh')}", en=f"{e.field}  {e.code}  {e.message('en')}")
        for e in refusal.errors
    ]
    return message, tuple(lines)


def _records(names: Sequence[str], stage: Stage, outcome: Outcome) -> Difference | None:
    wanted = {stage.names[name].id for name in names}
    if wanted == set(outcome.ids):
        return None
    message = Text(zh=f"应为 {'、'.join(names) or '空'}", en=f"expected {', '.join(names) or 'none'}")
    return message, (_listed(stage, outcome.object, outcome.ids),)


def _listed(stage: Stage, of: str, ids: Sequence[int]) -> Text:
    """Say which records were found: by their names in the scenario where they have one."""
    called = {known.id: name for name, known in stage.names.items() if known.object == of}
    listed = ", ".join(called.get(one, f"{of} {one}") for one in ids[:20])
    return Text(zh=f"实际：{listed or '空'}", en=f"found: {listed or 'none'}")


def _holds(expect: Expectation, stage: Stage, by: str) -> Difference | None:
    """Evaluate the expression; where it does not hold, show the value of every path that it reads."""
    if expect.holds is None:
        return None
    typed = stage.typed(expect.holds, BOOLEAN)
    if stage.evaluate(typed, by) is True:
        return None
    message = Text(zh=f"不成立：{expect.holds.text}", en=f"does not hold: {expect.holds.text}")
    reader = NamesReader(stage, by)
    details: list[Text] = []
    for path in typed.depends.paths:
        name = ".".join(path)
        details.append(plain(f"{name} = {_shown(reader.get(path))}"))
    for rows in typed.depends.rows:
        found = list(reader.rows(rows.path))
        details.append(Text(zh=f"{'.'.join(rows.path)}：{len(found)} 条", en=f"{'.'.join(rows.path)}: {len(found)}"))
        for row in found[:20]:
            values = ", ".join(f"{'.'.join(path)} = {_shown(row.get(path))}" for path in rows.paths)
            details.append(plain(f"  {values}"))
    return message, tuple(details)


def _shown(value: object) -> str:
    if value is None:
        return "BLANK"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.astimezone(HOME).isoformat() if isinstance(value, datetime) else str(value)
