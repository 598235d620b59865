"""The words of calendars and grids of cards, in both languages."""

WORDS: dict[str, tuple[str, str]] = {
    "calendar_earlier": ("上个月", "The month before"),
    "calendar_later": ("下个月", "The month after"),
    "calendar_earlier_week": ("上一周", "The week before"),
    "calendar_later_week": ("下一周", "The week after"),
    "calendar_earlier_day": ("前一天", "The day before"),
    "calendar_later_day": ("后一天", "The day after"),
    "calendar_month": ("月", "Month"),
    "calendar_week": ("周", "Week"),
    "calendar_day": ("日", "Day"),
    "calendar_span": ("显示范围", "How much is shown"),
    "calendar_called": ("{year} 年 {month} 月", "{month} {year}"),
    "calendar_days": ("{first} 至 {last}", "{first} – {last}"),
    "calendar_many": (
        "记录较多，只显示前 {count} 条；请添加条件缩小范围",
        "There is a lot here: the first {count} are shown. Narrow it by conditions.",
    ),
    "calendar_rest": ("还有 {count} 条", "{count} more"),
    "calendar_new": ("在 {day} 新建", "New on {day}"),
    "calendar_keys": ("Alt 加方向键移动到其他日期", "Alt and the arrow keys move it to another day"),
    "calendar_keys_hours": (
        "Alt 加左右键移到另一天，Alt 加上下键移到另一小时",
        "Alt with left and right moves it to another day, with up and down to another hour",
    ),
    "calendar_none": ("这段时间没有记录", "Nothing in this time"),
}
SCRIPT_WORDS: dict[str, tuple[str, str]] = {
    "calendar_moved": ("已移到 {day}", "Moved to {day}"),
}
