"""The words of reports, in both languages."""

WORDS: dict[str, tuple[str, str]] = {
    "reports": ("报表", "Reports"),
    "reports_none": ("还没有您可以查看的报表", "There is no report for you yet"),
    "reports_none_hint": (
        "报表由应用包定义；需要新的分析请联系管理员。",
        "Reports are defined in packs: ask an administrator for another analysis.",
    ),
    "reports_by": ("按 {splits}", "By {splits}"),
    "reports_whole": ("总体", "As a whole"),
    "reports_total": ("合计", "Total"),
    "reports_chart": ("图表：{report}", "Chart: {report}"),
    "reports_nothing": ("没有符合条件的记录", "No record fits"),
    "reports_more": ("结果太多，只显示前 {count} 组。", "There are more: the first {count} groups are shown."),
    "reports_all": ("全部报表", "All reports"),
}
