"""The live rules of a form as a JavaScript module: the object's conditions, checks, formulas and defaults, compiled by the browser
machine. Only what this viewer may know goes out; the rest stays with the server, which decides everything again anyway."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from engine.expressions.browser import compile_browser
from engine.records.rights import Right
from engine.records.rules import Rule
from engine.screens.form_input import plain_json
from engine.screens.form_start import read_defaults
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

RUNTIME = "tenon-runtime.js"
MOST_PATHS = 40
SERVER_ONLY = frozenset(
    {"settings", "language", "departments"}
)  # what the module does not know: it serves viewers of one role alike


def rules_url(visit: Visit, compiled: CompiledObject) -> str:
    """Return the address of an object's rules; it changes with the version and the viewer's roles, so that browsers may keep it."""
    mark = f"{visit.context.runtime.version}|{visit.rights.full}|{visit.rights.roles}|{visit.site.renderer.assets.url(RUNTIME)}"
    return f"/o/{compiled.name}/rules.js?v={sha256(mark.encode()).hexdigest()[:16]}"


def rules_module(visit: Visit, compiled: CompiledObject) -> str:
    """Return the module's text, kept per version and rights."""
    key = ("rules.js", compiled.name, visit.rights.roles, visit.rights.full)
    return visit.records.memory.get(key, lambda: _module(visit, compiled))


def known_values(visit: Visit, compiled: CompiledObject, row: Row | None) -> dict[str, Any]:
    """Return what the rules may read and the form does not hold: stored fields by name (JSON values)."""
    if row is None:  # a record begins where its process says, with the defaults of what the form leaves out
        return {
            name: plain_json(compiled.fields[name], value)
            for name, value in read_defaults(visit, compiled).items()
            if _readable(visit, compiled, name)
        }
    return {
        name: plain_json(field, row[name])
        for name, field in compiled.fields.items()
        if name in row and field.type.base is not Base.ROWS and _readable(visit, compiled, name)
    }


def is_live(visit: Visit, compiled: CompiledObject, name: str) -> bool:
    """Whether a computed field is worked out in the browser while somebody fills the form in."""
    one = compiled.computed.get(name)
    return one is not None and _fits(visit, compiled, compiled.rules.rule(one.expression.text))


def link_paths(visit: Visit, compiled: CompiledObject) -> dict[str, list[str]]:
    """Return what the rules read over each link: link → names in the record it leads to, one step far."""
    found: dict[str, set[str]] = {}
    for _place, rule in _all(compiled):
        if _fits(visit, compiled, rule):
            for path in rule.paths:
                found.setdefault(path[0], set()).add(path[1])
    return {name: sorted(names)[:MOST_PATHS] for name, names in found.items()}


def _module(visit: Visit, compiled: CompiledObject) -> str:
    lines = ", ".join(f"{name}: {_object(visit, child)}" for name, child in compiled.lines())
    runtime = visit.site.renderer.assets.url(RUNTIME)
    return (
        f'import * as t from "{runtime}";\nexport const moment = t.moment;\n'
        f"export const rules = {_object(visit, compiled)};\nexport const lines = {{{lines}}};\n"
    )


def _object(visit: Visit, compiled: CompiledObject) -> str:
    rules = compiled.rules
    parts = []
    groups: Mapping[str, Mapping[str, Rule]] = {
        "visible": rules.visible,
        "required": rules.required,
        "readonly": rules.readonly,
        "computed": {
            name: rules.rule(one.expression.text) for name, one in compiled.computed.items() if name in compiled.fields
        },
    }
    for group, members in groups.items():
        written = [
            f"{name}: {_function(rule)}"
            for name, rule in members.items()
            if _readable(visit, compiled, name) and _fits(visit, compiled, rule)
        ]
        parts.append(f"{group}: {{{', '.join(written)}}}")
    parts.append(f"defaults: {{{', '.join(_defaults(visit, compiled))}}}")
    parts.append(f"checks: [{', '.join(_checks(visit, compiled))}]")
    parts.append(f"links: {_json(link_paths(visit, compiled))}")
    parts.append(f"object: {_json(compiled.name)}")
    return "{" + ",\n".join(parts) + "}"


def _defaults(visit: Visit, compiled: CompiledObject) -> Iterator[str]:
    for name, default in compiled.rules.defaults.items():
        definition = compiled.fields[name].definition.default
        if isinstance(default, Rule) and definition is not None and _fits(visit, compiled, default):
            again = _json(list(definition.again_when))
            yield f"{name}: {{again: {again}, reads: {_json(sorted(default.reads))}, f: {compile_browser(default.expression)}}}"


def _checks(visit: Visit, compiled: CompiledObject) -> Iterator[str]:
    for check in compiled.rules.checks.values():
        one = check.definition
        if not check.late and _fits(visit, compiled, check.rule) and "old" not in check.rule.expression.depends.needs:
            said = _json({"zh": one.message("zh"), "en": one.message("en")})
            yield f"{{field: {_json(one.field)}, message: {said}, {_inner(check.rule)}}}"


def _function(rule: Rule) -> str:
    return f"{{{_inner(rule)}}}"


def _inner(rule: Rule) -> str:
    return f"reads: {_json(sorted(rule.reads | rule.rows))}, f: {compile_browser(rule.expression)}"


def _all(compiled: CompiledObject) -> Iterator[tuple[str, Rule]]:
    rules = compiled.rules
    for group in (rules.visible, rules.required, rules.readonly):
        yield from group.items()
    for name, default in rules.defaults.items():
        if isinstance(default, Rule):
            yield name, default
    for name, check in rules.checks.items():
        yield name, check.rule
    for name, one in compiled.computed.items():
        yield name, rules.rule(one.expression.text)


def _fits(visit: Visit, compiled: CompiledObject, rule: Rule) -> bool:
    """Whether the browser can and may work a rule out: the viewer reads everything in it, rows are lines of the form, links one step."""
    depends = rule.expression.depends
    if (
        depends.picks
        or depends.needs & SERVER_ONLY
        or any(path[0] in {"me", "old", "record", "parent"} and len(path) > 1 for path in depends.paths)
    ):
        return False
    lines = {name for name, _child in compiled.lines()}
    if not rule.rows <= lines or any(rows.rows or len(rows.path) > 1 for rows in depends.rows):
        return False
    for path in rule.paths:
        targets = compiled.shape.members[path[0]].objects
        if len(path) > 2 or len(targets) != 1 or targets[0] not in visit.records.objects:
            return False
        if not _readable(visit, visit.records.objects[targets[0]], path[1]):
            return False
    return all(_readable(visit, compiled, name) for name in rule.reads)


def _readable(visit: Visit, compiled: CompiledObject, name: str) -> bool:
    if name not in compiled.fields:
        return True  # system fields and the other sides of links
    return visit.rights.field(compiled.name, name).least >= Right.READ


def _json(value: object) -> str:
    return orjson.dumps(value).decode().replace("<", "\\u003c")
