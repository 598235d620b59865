"""The verb `create`: a record comes into being, and may get a name for the steps after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import commands
from engine.scenarios.likely import warned
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    name = options.get("object")
    written = commands.create(context, name, [options.get("set") or {}] * int(options.get("times") or 1))
    ids = [one.id for one in written]
    return Outcome(name, tuple(ids), warned=warned(context, name, ids))


KIND = Verb(
    name="create",
    label=Text(zh="新建", en="Create"),
    help=Text(
        zh="新建一条记录；as 给它起名，供后面的步骤引用；times 为同样的几条",
        en="Make a record; `as` names it for the steps that follow; `times`: so many of the same",
    ),
    options={
        "object": Option(Takes.OBJECT, required=True),
        "set": Option(Takes.VALUES),
        "as": Option(Takes.NEW_NAME),
        "times": Option(Takes.NUMBER),
    },
    run=_run,
    examples=("{create: {object: customer, as: bolz, set: {name: Bolz}}}",),
)
