"""Makes a large pack: 500 objects of 30 fields, with links, formulas, rollups, checks and views, for measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = (
    "type: text, label: {zh: 文本, en: Text}, max: 80, help: {zh: 说明, en: Help}",
    "type: decimal, label: {zh: 数字, en: Number}, min: 0",
    "type: money, label: {zh: 金额, en: Amount}, min: 0",
    "type: date, label: {zh: 日期, en: Date}",
    "type: boolean, label: {zh: 是否, en: Flag}, default: false",
    "type: choice, label: {zh: 选项, en: Choice}, choices: {a: 甲, b: 乙, c: {label: {zh: 丙, en: C}, color: red}}",
)


def object_text(number: int, objects: int, fields: int) -> str:
    """Return one object's file: four links and formulas among its fields, two checks, three views."""
    lines = [
        f"object: thing_{number}",
        f"label: {{zh: 东西{number}, en: Thing {number}}}",
        "title: name",
        "owner: owner",
        "fields:",
    ]
    lines.append("  name: {type: text, label: {zh: 名称, en: Name}, required: true}")
    lines.append("  owner: {type: user, default: =me}")
    for index in range(2):
        other = (number * 7 + index * 13 + 1) % objects
        lines.append(f"  link_{index}: {{type: link, to: thing_{other}, reverse: sides_{number}_{index}}}")
    lines.append("  total: {type: formula, value: f_1 * 2 + f_2, store: true}")
    lines.append(
        "  far: {type: formula, value: link_0.total + COALESCE(link_1.f_2, 0)}".replace(
            "COALESCE(link_1.f_2, 0)", "link_1.f_2"
        )
    )
    lines.append(
        f"  made: {{type: rollup, value: 'COUNT(sides_{_source(number, objects)}_0, f_4)'}}"
        if _source(number, objects) is not None
        else "  made: {type: integer}"
    )
    lines.extend(f"  f_{index}: {{{PLAIN[index % len(PLAIN)]}}}" for index in range(fields - 7))
    lines.append("required_when: {f_3: f_2 > 100}")
    lines.append('visible_when: {f_0: \'f_5 in ("a", "b")\', f_8: f_4}')
    lines.append("checks:")
    lines.append("  one: {require: 'ISBLANK(f_3) or f_3 <= TODAY()', field: f_3, message: {zh: 太晚, en: Too late}}")
    lines.append(
        "  two: {require: '(ISBLANK(f_1) or f_1 >= 0) and (ISBLANK(f_2) or f_2 < 1000000 or f_5 = \"c\")', message: {zh: 太大, en: Too big}}"
    )
    lines.append("views:")
    lines.append(
        "  all: {label: {zh: 全部, en: All}, columns: [name, owner, f_1, f_2, link_0, link_0.name], sort: [-f_2]}"
    )
    lines.append("  mine: {label: {zh: 我的, en: Mine}, columns: [name, total], filter: owner = me}")
    lines.append(
        "  big: {label: {zh: 大, en: Big}, columns: [name, far], filter: 'f_2 > 1000 and link_1.f_4', totals: {f_2: sum}}"
    )
    return "\n".join(lines) + "\n"


def _source(number: int, objects: int) -> int | None:
    """Return an object whose first link leads to ``number``."""
    return next((other for other in range(objects) if (other * 7 + 1) % objects == number), None)


RULE = """\
automation: rule_{number}
object: thing_{number}
trigger: {{updated: {{fields: [f_1], when: f_2 > 3}}}}
do:
  more: {{create: {{object: thing_{next}, as: made, set: {{name: "x {{name}}", f_1: =f_2 + 1}}}}}}
  tell: {{notify: {{to: =owner, message: {{zh: "{{name}} 好", en: "{{made.name}}"}}}}}}
"""
METRIC = "metric: sum_{number}\nobject: thing_{number}\nvalue: SUM(rows.f_2)\nfilter: f_4\n"


def write_pack(folder: Path, *, objects: int = 500, fields: int = 30, rules: int = 0) -> Path:
    """Write the pack into ``folder`` and return its path; ``rules``: how many automations and metrics go with the objects."""
    pack = folder / "large"
    (pack / "objects").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: large\nversion: 1.0.0\n", encoding="utf-8")
    for number in range(objects):
        (pack / "objects" / f"thing_{number}.yaml").write_text(object_text(number, objects, fields), encoding="utf-8")
    for kind, text in (("automations", RULE), ("metrics", METRIC)) if rules else ():
        (pack / kind).mkdir()
        for number in range(rules):
            file = pack / kind / f"{number}.yaml"
            file.write_text(text.format(number=number, next=number + 1), encoding="utf-8")
    return pack
