"""The words of lists in both languages, beside those that all pages share."""

from __future__ import annotations

Words = dict[str, tuple[str, str]]

WORDS: Words = {
    "group": ("分组", "Group"),
    "group_none": ("不分组", "No groups"),
    "group_by": ("按{field}分组", "Group by {field}"),
    "group_bad": ("不能按“{field}”分组，已按普通列表显示。", "The list can't be grouped by “{field}” and is shown without groups."),
    "group_unset": ("未填写{field}", "No {field}"),
    "group_more": ("分组较多，只显示前 {count} 组。可用筛选条件缩小范围。", "There are many groups: the first {count} are shown. Filters narrow them down."),
    "group_down": ("倒序排列分组", "Last group first"),
    "group_up": ("顺序排列分组", "First group first"),
    "fold_all": ("全部折叠", "Fold all"),
    "unfold_all": ("全部展开", "Unfold all"),
    "pick_group": ("选中“{group}”组中已加载的记录", "Pick what is loaded of the group “{group}”"),
    "step_day": ("按日", "By day"),
    "step_week": ("按周", "By week"),
    "step_month": ("按月", "By month"),
    "step_quarter": ("按季度", "By quarter"),
    "step_year": ("按年", "By year"),
}  # fmt: skip

SCRIPT_WORDS: Words = {}
