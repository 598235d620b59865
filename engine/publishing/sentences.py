"""What the steps of a plan say to people, in both languages. No decisions here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.duplicate_terms import COLUMN
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.definitions.objects import FieldDef, ObjectDef
    from metamodel.definitions.processes import ProcessDef


def created(definition: ObjectDef) -> Text:
    """Say that an object gets its table."""
    return Text(
        zh=f"新建对象「{definition.label('zh')}」的数据表",
        en=f"create the table of {definition.label('en')}",
    )


def linked(definition: ObjectDef) -> Text:
    """Say that a new table gets its foreign keys."""
    return Text(zh=f"为「{definition.label('zh')}」建立外键", en=f"add the foreign keys of {definition.label('en')}")


def added(definition: ObjectDef, one: FieldDef | None, column: str) -> Text:
    """Say that a table gets a column."""
    return _of(definition, one, column, "新增字段 {field}", "add {field}")


def required(definition: ObjectDef, one: FieldDef | None, column: str) -> Text:
    """Say that every row must have a value from now on."""
    return _of(definition, one, column, "{field} 设为必填", "require {field}")


def filled(definition: ObjectDef, one: FieldDef) -> Text:
    """Say that blank rows get the default."""
    return _of(definition, one, "", "用默认值补全 {field} 的空白行", "fill blank rows of {field} with its default")


def stays_opened(definition: ObjectDef, process: ProcessDef) -> Text:
    """Say that records of a process that comes to them get a stay in their state."""
    return Text(
        zh=f"{definition.label('zh')}：为已有记录记下在「{process.label('zh')}」中的停留（标为补录）",
        en=f"{definition.label('en')}: note where records stand in {process.label('en')} (marked as backfilled)",
    )


def states_removed(definition: ObjectDef, process: ProcessDef, moves: Mapping[str, str]) -> Text:
    """Say where the records of removed states go."""
    said = [
        Text(zh=f"{name} → {process.states[to].label('zh')}", en=f"{name} → {process.states[to].label('en')}")
        for name, to in moves.items()
    ]
    return Text(
        zh=f"{definition.label('zh')}：移动已删除状态中的记录（{'、'.join(one.zh for one in said)}）",
        en=f"{definition.label('en')}: move the records of removed states ({', '.join(one.en for one in said)})",
    )


def stays_renamed(definition: ObjectDef) -> Text:
    """Say that stays follow a renamed object or field."""
    return Text(
        zh=f"{definition.label('zh')}：阶段停留记录改用新名称",
        en=f"{definition.label('en')}: stays go by the new name",
    )


def numbered(definition: ObjectDef, one: FieldDef) -> Text:
    """Say that records without a number get one."""
    return _of(definition, one, "", "为已有记录补编 {field}", "number the records that have no {field} yet")


def retired(definition: ObjectDef, one: FieldDef) -> Text:
    """Say that a field goes and its data stay."""
    return _of(
        definition, one, "", "停用 {field}：数据保留，可随时恢复", "retire {field}: its data stay and can come back"
    )


def converted(definition: ObjectDef, one: FieldDef, before: FieldDef) -> Text:
    """Say that values are converted to another type."""
    return _of(
        definition,
        one,
        "",
        f"将 {{field}} 的数据由 {before.type} 转换为 {one.type}，原列保留",
        f"convert {{field}} from {before.type} to {one.type}; the column before is kept",
    )


def recompute(definition: ObjectDef, fields: Iterable[str]) -> Text:
    """Say that stored computed values are brought up to date."""
    names = [definition.fields[name] for name in fields]
    return Text(
        zh=f"{definition.label('zh')}：重新计算 {'、'.join(one.label('zh') for one in names)}",
        en=f"{definition.label('en')}: recompute {', '.join(one.label('en') for one in names)}",
    )


def derived(definition: ObjectDef, column: str) -> Text:
    """Say that what an object's records are found by is made anew: search terms, marks of duplicates."""
    zh, en = ("查重标记", "marks of duplicates") if column == COLUMN else ("搜索词", "search terms")
    return Text(zh=f"重建「{definition.label('zh')}」的{zh}", en=f"make the {en} of {definition.label('en')} anew")


def widened(column: str, present: str, wanted: str) -> Text:
    """Say that a column's type grows in place."""
    return Text(zh=f"列 {column} 由 {present} 放宽为 {wanted}", en=f"widen column {column} from {present} to {wanted}")


def relaxed(column: str) -> Text:
    """Say that a column may be blank from now on."""
    return Text(zh=f"列 {column} 允许为空", en=f"let column {column} be blank")


def carried(source: str, column: str) -> Text:
    """Say that a column's successor follows it while both versions write."""
    return Text(zh=f"切换期间使 {column} 跟随 {source}", en=f"let {column} follow {source} while both versions write")


def carried_over(column: str) -> Text:
    """Say that the following ends."""
    return Text(zh=f"{column} 不再跟随原列", en=f"let {column} stand on its own")


def entering_default(column: str) -> Text:
    """Say that a default that served the change goes."""
    return Text(zh=f"移除列 {column} 的过渡默认值", en=f"drop the transitional default of column {column}")


def constraint(name: str) -> Text:
    """Say that a constraint holds for new rows from now on."""
    return Text(zh=f"添加约束 {name}", en=f"add constraint {name}")


def validated(name: str) -> Text:
    """Say that a constraint is checked on the rows that are there."""
    return Text(zh=f"校验现有数据是否符合 {name}", en=f"validate {name} on the rows that are there")


def dangling(name: str) -> Text:
    """Say that links to records that are gone are blanked."""
    return Text(zh=f"清除指向不存在记录的引用（{name}）", en=f"blank links to records that are gone ({name})")


def index(name: str, *, unique: bool) -> Text:
    """Say that an index is built."""
    if unique:
        return Text(zh=f"在线建立唯一索引 {name}", en=f"build unique index {name} concurrently")
    return Text(zh=f"在线建立索引 {name}", en=f"build index {name} concurrently")


def dropped(name: str) -> Text:
    """Say that a constraint or index goes."""
    return Text(zh=f"移除 {name}", en=f"drop {name}")


def leftover(name: str) -> Text:
    """Say that what an unfinished publication left behind goes."""
    return Text(zh=f"清理未完成发布遗留的 {name}", en=f"drop {name}, left by a publication that was not finished")


def _of(definition: ObjectDef, one: FieldDef | None, column: str, zh: str, en: str) -> Text:
    """Fill ``{field}`` with the field's place and label."""
    label_zh, label_en = (one.label("zh"), one.label("en")) if one else (column, column)
    return Text(
        zh=zh.format(field=f"{definition.label('zh')}「{label_zh}」"),
        en=en.format(field=f"{definition.label('en')} / {label_en}"),
    )
