"""The texts of the screens in both languages, by name: the only place a word of the interface is written. Labels of objects and
fields come from definitions, refusals from the floors that refuse."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.screens.area_words import area_words
from engine.screens.english import fit
from engine.screens.error_words import ERROR_WORDS
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAIRS: dict[str, tuple[str, str]] = {
    # the frame
    "product": ("榫卯", "Tenon"),
    "skip": ("跳到内容", "Skip to content"),
    "menu": ("菜单", "Menu"),
    "main_menu": ("主菜单", "Main menu"),
    "home": ("首页", "Home"),
    "find": ("搜索", "Search"),
    "find_hint": ("搜索记录或命令", "Find records and commands"),
    "find_nothing": ("没有匹配的记录或命令", "No record or command matches"),
    "find_records": ("记录", "Records"),
    "find_places": ("前往", "Go to"),
    "find_new": ("新建", "Create"),
    "find_recent": ("最近打开", "Opened last"),
    "account": ("账号", "Account"),
    "language": ("语言", "Language"),
    "shortcuts": ("键盘快捷键", "Keyboard shortcuts"),
    "sign_out": ("退出登录", "Sign out"),
    "close": ("关闭", "Close"),
    "cancel": ("取消", "Cancel"),
    "more": ("更多", "More"),
    "back": ("返回", "Back"),
    "open_it": ("打开", "Open"),
    "move_keys": ("选择", "Move"),
    # keys
    "key_palette": ("搜索记录与命令", "Find records and commands"),
    "key_find": ("在列表中搜索", "Search in the list"),
    "key_create": ("新建记录", "New record"),
    "key_edit": ("编辑", "Edit"),
    "key_move": ("在列表中上下移动", "Move in the list"),
    "key_pick": ("选中一行", "Pick a row"),
    "key_save": ("保存表单", "Save the form"),
    "key_lines": ("明细：下一行或新增一行", "Lines: next or new row"),
    "key_help": ("显示本帮助", "Show this help"),
    # signing in
    "sign_in_first": ("请先登录。", "Sign in first."),
    # home
    "welcome": ("您好，{name}", "Hello, {name}"),
    "home_mine": ("我的{object} · {view}", "My {object} · {view}"),
    "home_changed": ("最近更新", "Changed"),
    "home_last": ("最新动态", "Changed lately"),
    "home_none": (
        "这里会列出等您处理的记录和最新动态。从这里开始：",
        "What waits for you and what changed last will show here. Start with one of these:",
    ),
    # lists
    "new": ("新建{object}", "New {object}"),
    "new_short": ("新建", "New"),
    "all": ("全部", "All"),
    "views": ("视图", "Views"),
    "list_find": ("搜索{object}", "Search {object}"),
    "filter_add": ("添加条件", "Add filter"),
    "filter_field": ("选择字段", "Choose a field"),
    "filter_value": ("值", "Value"),
    "filter_op": ("比较方式", "Comparison"),
    "filter_expression": ("数字背后的记录", "Records behind a number"),
    "filter_apply": ("应用", "Apply"),
    "filter_remove": ("移除条件：{field}", "Remove filter: {field}"),
    "filter_clear": ("清除条件", "Clear filters"),
    "filter_to": ("至", "to"),
    "columns": ("列", "Columns"),
    "columns_up": ("上移{field}", "Move {field} up"),
    "columns_down": ("下移{field}", "Move {field} down"),
    "sort": ("排序", "Sort"),
    "sort_up": ("按{field}升序", "Sort by {field}, ascending"),
    "sort_down": ("按{field}降序", "Sort by {field}, descending"),
    "ascending": ("升序", "ascending"),
    "descending": ("降序", "descending"),
    "sort_new": ("最新创建", "Newest first"),
    "pick_all": ("全选本页", "Pick all shown"),
    "pick_one": ("选中{record}", "Pick {record}"),
    "actions": ("操作", "Actions"),
    "list_more": ("加载更多", "Load more"),
    "list_count": ("共 {count} 条", "{count} in all"),
    "list_none": ("还没有{object}", "No {object} yet"),
    "list_none_hint": (
        "{object}会按您的条件列在这里。先新建第一条。",
        "{object} will be listed here. Start with the first one.",
    ),
    "list_none_ask": ("目前没有您可以查看的记录。", "There is nothing here that you may see at present."),
    "list_view_none": ("这个视图里暂时没有记录", "Nothing in this view for now"),
    "list_view_none_hint": ("有了合适的记录，会自动出现在这里。", "What belongs here will appear by itself."),
    "list_no_match": ("没有符合条件的记录", "Nothing matches"),
    "list_no_match_hint": ("换个搜索词，或清除部分条件。", "Try other words, or clear some filters."),
    "total_sum": ("合计", "Sum"),
    "total_avg": ("平均", "Average"),
    "total_min": ("最小", "Smallest"),
    "total_max": ("最大", "Largest"),
    "total_count": ("计数", "Count"),
    "bin": ("回收站", "Recycle bin"),
    "bin_none": ("回收站是空的", "The bin is empty"),
    "bin_none_hint": ("删除的记录会先放在这里，可以恢复。", "What is deleted waits here and can be restored."),
    "save_view": ("保存为视图", "Save as a view"),
    "save_view_name": ("视图名称", "Name of the view"),
    "save_view_shared": ("与所有人共享", "Share with everybody"),
    "save_view_done": ("视图“{name}”已保存", "View “{name}” saved"),
    "save_view_named": ("请为视图取一个名称（不超过 60 字）。", "Give the view a name of at most 60 characters."),
    "delete_view": ("删除视图", "Delete view"),
    "delete_view_done": ("视图已删除", "View deleted"),
    "bulk_edit": ("批量修改", "Edit all"),
    "bulk_field": ("要修改的字段", "Field to change"),
    "bulk_value": ("改为", "New value"),
    "bulk_apply": ("修改所选记录", "Change the picked records"),
    "bulk_done": ("已修改 {count} 条记录", "{count} record{s} changed"),
    "bulk_deleted": ("已删除 {count} 条记录", "{count} record{s} deleted"),
    "bulk_restored": ("已恢复 {count} 条记录", "{count} record{s} restored"),
    "bulk_none": ("没有选中任何记录。", "No record is picked."),
    "unpick": ("取消选择", "Clear selection"),
    "pick_several": ("选择多条", "Pick several"),
    # records
    "edit": ("编辑", "Edit"),
    "delete": ("删除", "Delete"),
    "restore": ("恢复", "Restore"),
    "deleted": ("“{record}”已移到回收站", "“{record}” moved to the bin"),
    "restored": ("“{record}”已恢复", "“{record}” restored"),
    "created": ("“{record}”已创建", "“{record}” created"),
    "updated": ("修改已保存", "Changes saved"),
    "merged": (
        "修改已保存；期间他人的修改也已保留。",
        "Changes saved. What others changed meanwhile is kept, too.",
    ),
    "unchanged": ("没有需要保存的修改", "Nothing to save"),
    "record_locked": (
        "正在审批「{approval}」，审批结束或撤回之前不能修改",
        "“{approval}” is being decided on: nothing can be changed until it is done or withdrawn",
    ),
    "record_locked_by": ("查看审批", "See the approval"),
    "in_bin": ("这条记录在回收站中。", "This record is in the recycle bin."),
    "duplicate": ("复制", "Duplicate"),
    "print_it": ("打印", "Print"),
    "record_before": ("上一条", "Previous"),
    "record_next": ("下一条", "Next"),
    "details": ("详细信息", "Details"),
    "related_all": ("查看全部", "See all"),
    "related_more": ("显示更多", "Show more"),
    "related_none": ("暂无{object}", "No {object} yet"),
    "history": ("动态", "History"),
    "history_none": ("暂无变更记录", "No changes yet"),
    "history_more": ("更早的动态", "Earlier"),
    "history_create": ("创建了记录", "created the record"),
    "history_update": ("修改了记录", "changed the record"),
    "history_delete": ("移到了回收站", "moved it to the bin"),
    "history_restore": ("恢复了记录", "restored the record"),
    "history_blank": ("空", "blank"),
    "history_rows_added": ("增加 {count} 行", "{count} added"),
    "history_rows_removed": ("删除 {count} 行", "{count} removed"),
    "history_rows_changed": ("修改 {count} 行", "{count} changed"),
    "system": ("系统", "System"),
    "blank": ("—", "—"),
    "no_label": ("（无标题）", "(untitled)"),
    # forms
    "save": ("保存", "Save"),
    "create": ("创建", "Create"),
    "edit_title": ("编辑{object}", "Edit {object}"),
    "required": ("必填", "Required"),
    "form_bad": (
        "有 {count} 处需要修改，您填写的内容都已保留。",
        "{count} thing{s} to mend. What you typed is kept.",
    ),
    "form_stale": (
        "您编辑期间，{who}修改了同样的字段。请逐一选择保留哪个值，再保存。",
        "While you were editing, {who} changed the same fields. Choose which value to keep, then save.",
    ),
    "cell_theirs": ("他人刚改为 {now}；再次保存将采用您的值", "Someone made it {now}; saving again keeps yours"),
    "form_expired": (
        "页面已过期，已为您刷新。填写的内容都已保留，请再次保存。",
        "The page had expired and is fresh now. What you typed is kept: save again.",
    ),
    "form_restored": (
        "已恢复上次未保存的内容，请核对后保存。",
        "What you had not saved is back. Look it over, then save.",
    ),
    "form_other_person": (
        "打开此页后，这个浏览器已换了登录账号，因此尚未保存。确认无误后请再次保存。",
        "Somebody else has signed in in this browser since the page was opened, so nothing was saved. Save again if that is right.",
    ),
    "conflict_mine": ("我的：{value}", "Mine: {value}"),
    "conflict_theirs": ("{who}的：{value}", "{who}: {value}"),
    "someone": ("他人", "Someone"),
    "lines_add": ("添加一行", "Add a row"),
    "lines_none": ("还没有明细，按“添加一行”开始。", "No rows yet: add the first one."),
    "lines_grip_hint": ("拖动，或按 Alt+↑ / Alt+↓", "Drag, or Alt+↑ / Alt+↓"),
    "lines_hint_order": ("Alt+↑↓ 移动整行", "Alt+↑↓ moves a row"),
    "lines_hint": (
        "回车下移 · Ctrl D 复制行 · 可直接从 Excel 粘贴",
        "Enter: next row · Ctrl D: double · paste from Excel",
    ),
    "lines_copy": ("复制表格", "Copy table"),
    "lines_row": ("第 {row} 行", "Row {row}"),
    # refusals of this floor (what pages of errors say is in error_words.py)
    "filter_bad": ("条件“{field}”无法理解，已忽略。", "The filter on “{field}” could not be read and was left out."),
    "filter_unknown": ("没有可筛选的字段“{field}”", "There is no field “{field}” to filter by"),
}

# What scripts show; put into each page as data.
SCRIPT_TEXTS: dict[str, tuple[str, str]] = {
    "today": ("今天", "Today"),
    "clear": ("清除", "Clear"),
    "just_now": ("刚刚", "just now"),
    "loading": ("正在加载…", "Loading…"),
    "link_find": ("输入以搜索", "Type to search"),
    "link_none": ("没有匹配的记录", "Nothing matches"),
    "link_make": ("新建“{name}”…", "Create “{name}”…"),
    "draft_offer": ("恢复未保存的内容？（{time}）", "Restore what was not saved ({time})?"),
    "draft_restore": ("恢复", "Restore"),
    "draft_drop": ("丢弃", "Discard"),
    "leave_title": ("有未保存的修改", "There are unsaved changes"),
    "leave_hint": ("离开此页前要保存吗？", "Save them before you leave this page?"),
    "leave_drop": ("放弃修改", "Discard"),
    "leave_stay": ("继续编辑", "Keep editing"),
    "leave_save": ("保存", "Save"),
    "again_title": ("请重新登录", "Sign in again"),
    "again_hint": (
        "登录已过期。您填写的内容都还在，登录后继续保存。",
        "Your session is over. What you typed is still here; saving goes on once you are signed in.",
    ),
    "again_later": ("稍后", "Later"),
    "login": ("账号", "User name"),
    "password": ("密码", "Password"),
    "sign_in": ("登录", "Sign in"),
    "save_offline": (
        "没有保存：连不上服务器。您填写的内容都还在，请稍后再保存。",
        "Not saved: the server can't be reached. What you typed is still here; save again in a while.",
    ),
    "lines_remove": ("删除第 {row} 行", "Remove row {row}"),
    "lines_grip": ("移动第 {row} 行", "Move row {row}"),
    "lines_up": ("上移", "Move up"),
    "lines_down": ("下移", "Move down"),
    "lines_moved": ("已移到第 {row} 行", "Now row {row}"),
    "lines_double": ("复制第 {row} 行", "Double row {row}"),
    "lines_removed": ("已删除第 {row} 行", "Row {row} removed"),
    "lines_pasted": ("已粘贴 {count} 行", "{count} row{s} pasted"),
    "lines_pasted_faults": (
        "已粘贴 {count} 行，其中 {faults} 格无法识别",
        "{count} row{s} pasted; {faults} cells could not be read",
    ),
    "lines_copied": ("已复制 {count} 行", "{count} row{s} copied"),
    "undo": ("撤销", "Undo"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    "tag_add": ("添加标签", "Add a tag"),
    "choice_add": ("选择", "Choose"),
    "take_out": ("移除", "Take out"),
    "form_whole": ("完整表单", "Whole form"),
    "picked": ("已选 {count} 条", "{count} picked"),
    "failed": ("没有成功，请检查网络后重试。", "That did not work. Check the network and try again."),
}

_AREAS, _AREA_SCRIPTS = area_words()
SCRIPT_TEXTS |= _AREA_SCRIPTS

TEXTS: Mapping[str, Text] = MappingProxyType(
    {name: Text(zh=zh, en=en) for name, (zh, en) in (_AREAS | ERROR_WORDS | _PAIRS | SCRIPT_TEXTS).items()}
)
BY_LANGUAGE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {language: MappingProxyType({name: text(language) for name, text in TEXTS.items()}) for language in LANGUAGES}
)


def say(name: str, language: str, /, **values: object) -> str:
    """Return a text of the catalogue with its ``{places}`` filled. Raises KeyError for a name that is not in it."""
    text = BY_LANGUAGE[language][name]
    if language == "en" and values:
        values = fit(text, values)
    return text.format(**values) if values else text
