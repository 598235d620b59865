"""The words of calendars and grids of cards, in both languages."""

WORDS: dict[str, tuple[str, str]] = {
    "calendar_earlier": ("上个月", "The month before"),
    "calendar_later": ("下个月", "The month after"),
    "calendar_month": ("{year} 年 {month} 月", "{month} {year}"),
    "calendar_many": (
        "本月记录较多，只显示前 {count} 条；请添加条件缩小范围",
        "There is a lot this month: the first {count} are shown. Narrow it by conditions.",
    ),
    "calendar_rest": ("还有 {count} 条", "{count} more"),
    "calendar_new": ("在 {day} 新建", "New on {day}"),
    "calendar_keys": ("Alt 加方向键移动到其他日期", "Alt and the arrow keys move it to another day"),
    "calendar_none": ("本月没有记录", "Nothing this month"),
}
SCRIPT_WORDS: dict[str, tuple[str, str]] = {
    "calendar_moved": ("已移到 {day}", "Moved to {day}"),
}
