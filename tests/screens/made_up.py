"""A made-up model of any size: every type of field, views of each kind, states, odd but legal names, both languages. The same size gives
the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.names import is_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIELDS = 15  # an object, at the least
ROWS = 0.56  # of the objects are lines of others
VIEWS = ("", "all", "late", "board", "agenda", "cards", "spots")  # of each object that stands by itself
PLAIN = {
    "address": "type: address", "boolean": "type: boolean, default: true", "color": "type: color",
    "choice": "type: choice, choices: {red: {zh: 红, en: Red}, blue: {label: {zh: '蓝 <b>', en: 'Blue & \"co\"'}, color: blue}}",
    "choices": "type: choices, choices: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}", "shared": "type: choice, choices: made_up",
    "date": "type: date", "datetime": "type: datetime", "decimal": "type: decimal, min: 0", "department": "type: department",
    "duration": "type: duration", "email": "type: email", "file": "type: file", "geo": "type: geo", "id_number": "type: id_number",
    "image": "type: image", "integer": "type: integer", "json": "type: json", "long_text": "type: long_text", "money": "type: money",
    "percent": "type: percent", "phone": "type: phone", "progress": "type: progress", "rating": "type: rating",
    "rich_text": "type: rich_text", "serial": "type: serial, format: 'N-{yyyy}-{0000}'", "signature": "type: signature",
    "tags": "type: tags", "text": "type: text, max: 60, search: true", "time": "type: time", "url": "type: url", "user": "type: user",
    "users": "type: users",
}  # fmt: skip
ODD_OBJECTS = ("select", "order", "table", "constructor", "new", "undo", "o" * 60, "lines", "x", "api", "static_1")
ODD_FIELDS = (
    "select", "order", "desc", "limit", "constructor", "length", "csrf_token", "sort", "view", "columns", "search", "after", "filter",
    "action", "submit", "name_", "f" * 60, "key", "value", "label", "status", "type", "x", "title", "form", "lines_", "count", "draft",
)  # fmt: skip


def write_made_up(pack: Path, objects: int) -> list[str]:
    """Write the pack of so many objects; return their names, those that stand by themselves before their lines."""
    assert all(map(is_name, (*ODD_OBJECTS, *ODD_FIELDS)))
    rows = round(objects * ROWS)
    mains = [ODD_OBJECTS[at] if at < len(ODD_OBJECTS) else f"thing_{at}" for at in range(objects - rows)]
    lines = [f"row_{at}" for at in range(rows)]
    _write(
        pack / "pack.yaml",
        [
            "pack: made_up",
            "label: {zh: 虚构, en: Made up}",
            "version: 1.0.0",
            'requires: {base: ">=0.1"}',
            f"menu: {{all: {{label: {{zh: 全部, en: All}}, items: [{', '.join(mains[:9])}]}}}}",
        ],
    )
    _write(
        pack / "choices/made_up.yaml", ["choices: made_up", "values: {one: {zh: 一, en: One}, two: {zh: 二, en: Two}}"]
    )
    for at, name in enumerate(mains):
        own = [(f"rows_{place}", lines[place]) for place in range(at, rows, len(mains))]
        _write(pack / f"objects/{name}.yaml", [*_object(at, name, mains, own)])
        _write(pack / f"processes/way_of_{at}.yaml", _process(at, name))
    for at, name in enumerate(lines):
        _write(pack / f"objects/{name}.yaml", [*_row(at, name, mains)])
    return [*mains, *lines]


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _plain(at: int, count: int) -> list[tuple[str, str]]:
    """Return so many (name, definition) of plain fields: the next ones for each object, some under odd names."""
    kinds = list(PLAIN)
    chosen = [kinds[(at * count + place) % len(kinds)] for place in range(count)]
    found = []
    for place, kind in enumerate(chosen):
        name = ODD_FIELDS[(at * 5 + place) % len(ODD_FIELDS)] if place % 3 == 0 else f"{kind}_{place}"
        label = f"{{zh: '{kind} 字段 <{place}>', en: 'The {kind} & {place}'}}"
        found.append((name, f"{{{PLAIN[kind]}, label: {label}, help: {{zh: 说明, en: 'Help \"{{0}}\"'}}}}"))
    return found


def _fields(fields: list[tuple[str, str]]) -> Iterator[str]:
    assert len({name for name, _ in fields}) == len(fields), fields
    yield "fields:"
    yield from (f"  {name}: {text}" for name, text in fields)


def _object(at: int, name: str, mains: list[str], rows: list[tuple[str, str]]) -> Iterator[str]:
    yield from (f"object: {name}", f"label: {{zh: 物件 {at}, en: Object {at}}}", "title: name", "owner: owner")
    other = [mains[(at + step) % len(mains)] for step in (1, 2, 3)]
    plain = _plain(at, max(FIELDS - 11 - len(rows), 5))
    first = rows[0][0] if rows else f"back_{at}"
    yield from _fields(
        [
            ("name", "{type: text, label: {zh: 名称, en: Name}, max: 80, required: true, search: true}"),
            ("owner", "{type: user, label: {zh: 负责人, en: Owner}, default: =me}"),
            ("amount", "{type: money, label: {zh: 金额, en: Amount}}"),
            ("due", "{type: date, label: {zh: 期限, en: Due}}"),
            ("place", "{type: geo, label: {zh: 位置, en: Place}}"),
            ("stage", f"{{type: state, process: way_of_{at}, label: {{zh: 阶段, en: Stage}}}}"),
            (
                "upper",
                f"{{type: link, to: {other[0]}, reverse: back_{(at + 1) % len(mains)}, label: {{zh: 上级, en: Upper}}}}",
            ),
            (
                "either",
                f"{{type: link, to: [{other[1]}, {other[2]}], reverse: either_{at}, label: {{zh: 其一, en: Either}}}}",
            ),
            ("beside", f"{{type: link, to: {other[2]}, reverse: next_to_{at}, label: {{zh: 旁边, en: Beside}}}}"),
            ("several", f"{{type: links, to: {other[1]}, reverse: several_{at}, label: {{zh: 若干, en: Several}}}}"),
            ("twice", "{type: formula, value: amount * 2, format: money, label: {zh: 两倍, en: Twice}}"),
            ("days", "{type: formula, value: 'DAYS(due, TODAY())', label: {zh: 剩余天数, en: Days left}}"),
            ("of_upper", "{type: lookup, value: upper.amount, format: money, label: {zh: 上级金额, en: Of upper}}"),
            ("many", f"{{type: rollup, value: 'COUNT({first})', label: {{zh: 行数, en: Count}}}}"),
            ("points", "{type: score, points: {big: {when: amount > 100, add: 5}}, label: {zh: 评分, en: Points}}"),
            *((field, f"{{type: lines, of: {row}, label: {{zh: 明细, en: Lines}}}}") for field, row in rows),
            *([("about", "{type: record, every: about_it, label: {zh: 关于, en: About}}")] if at == 0 else []),
            *plain,
        ]
    )
    yield "checks: {sane: {require: 'amount >= 0 or ISBLANK(amount)', field: amount, message: {zh: 不对, en: Wrong}}}"
    yield "required_when: {due: amount > 1000000}"
    yield "form:"
    yield "  tabs:"
    yield f"    one: {{label: {{zh: 一, en: One}}, sections: {{head: {{columns: 2, fields: [name, amount, due, stage, upper, {plain[0][0]}]}}}}}}"
    before = (at - 2) % len(mains)
    yield f"  related: [back_{at}, several_{before}, either_{before}]"
    yield "views:"
    listed = ", ".join(["name", "amount", "upper.name", *(one for one, _ in plain[:4])])
    yield f"  all: {{label: {{zh: 全部, en: All}}, columns: [{listed}], sort: [-amount], totals: {{amount: sum}}}}"
    yield "  late: {label: {zh: 逾期, en: Late}, columns: [name, due], filter: due < TODAY(), sort: [due], by: stage}"
    yield "  board: {as: kanban, by: stage, card: [amount, due], label: {zh: 看板, en: Board}}"
    yield "  agenda: {as: calendar, at: due, card: [amount], label: {zh: 日历, en: Agenda}}"
    yield "  cards: {as: cards, card: [name, amount], label: {zh: 卡片, en: Cards}}"
    yield "  spots: {as: map, at: place, card: [amount], label: {zh: 地图, en: Map}}"


def _row(at: int, name: str, mains: list[str]) -> Iterator[str]:
    yield from (f"object: {name}", f"label: {{zh: 明细 {at}, en: Row {at}}}", "title: name")
    yield from _fields(
        [
            (
                "above",
                f"{{type: link, to: {mains[at % len(mains)]}, parent: true, required: true, on_delete: cascade, reverse: parts_{at}}}",
            ),
            ("name", "{type: text, label: {zh: 名称, en: Name}, required: true}"),
            (
                "thing",
                f"{{type: link, to: {mains[(at * 7 + 1) % len(mains)]}, reverse: used_{at}, label: {{zh: 物件, en: Thing}}}}",
            ),
            (
                "made_of",
                f"{{type: links, to: {mains[(at * 3 + 2) % len(mains)]}, reverse: makes_{at}, label: {{zh: 组成, en: Made of}}}}",
            ),
            (
                "beside",
                f"{{type: link, to: {mains[(at * 5 + 3) % len(mains)]}, reverse: near_{at}, label: {{zh: 旁边, en: Beside}}}}",
            ),
            ("worth", "{type: formula, value: 'LEN(name) * 2', store: true, label: {zh: 价值, en: Worth}}"),
            *_plain(at + 3, FIELDS // 3),
        ]
    )


def _process(at: int, name: str) -> list[str]:
    return [
        f"process: way_of_{at}",
        f"object: {name}",
        "field: stage",
        "start: open_1",
        "states:",
        "  open_1: {label: {zh: 开始, en: Begun}, color: blue}",
        "  done: {label: {zh: 完成, en: Done}, final: won}",
        "transitions:",
        "  finish: {from: open_1, to: done, label: {zh: 完成, en: Finish}}",
    ]
