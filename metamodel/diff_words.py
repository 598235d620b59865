"""Changes of definitions in words, a line each in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.diff import DefinitionChange

KINDS = {
    "pack": Text(zh="包", en="pack"),
    "object": Text(zh="对象", en="object"),
    "field": Text(zh="字段", en="field"),
    "choices": Text(zh="选项列表", en="list of choices"),
    "choice": Text(zh="选项", en="choice"),
    "role": Text(zh="角色", en="role"),
    "scenario": Text(zh="情景", en="scenario"),
    "process": Text(zh="流程", en="process"),
    "state": Text(zh="状态", en="state"),
    "transition": Text(zh="流转", en="transition"),
    "approval": Text(zh="审批", en="approval"),
    "step": Text(zh="审批步骤", en="approval step"),
    "automation": Text(zh="自动化规则", en="automation"),
    "metric": Text(zh="指标", en="metric"),
    "dashboard": Text(zh="仪表盘", en="dashboard"),
    "widget": Text(zh="图表", en="widget"),
    "report": Text(zh="报表", en="report"),
    "measure": Text(zh="度量", en="measure"),
    "connection": Text(zh="连接", en="connection"),
    "operation": Text(zh="外部操作", en="operation"),
    "inbound": Text(zh="接入点", en="inbound"),
}
OPTIONS = {
    "type": Text(zh="类型", en="type"),
    "label": Text(zh="名称", en="label"),
    "help": Text(zh="帮助", en="help"),
    "required": Text(zh="必填", en="required"),
    "default": Text(zh="默认值", en="default"),
    "readonly": Text(zh="只读", en="readonly"),
    "hidden": Text(zh="隐藏", en="hidden"),
    "unique": Text(zh="唯一", en="unique"),
    "duplicates": Text(zh="查重规则", en="rules of duplicates"),
    "exact": Text(zh="相同的字段", en="fields that are the same"),
    "similar": Text(zh="相近的字段", en="field that is alike"),
    "at_least": Text(zh="相似度", en="likeness"),
    "block": Text(zh="不允许保存", en="refused"),
    "index": Text(zh="索引", en="index"),
    "search": Text(zh="搜索", en="search"),
    "title": Text(zh="标题字段", en="title"),
    "owner": Text(zh="负责人字段", en="owner"),
    "form": Text(zh="表单", en="form"),
    "views": Text(zh="视图", en="views"),
    "checks": Text(zh="校验", en="checks"),
    "menu": Text(zh="菜单", en="menu"),
    "version": Text(zh="版本", en="version"),
    "objects": Text(zh="对象权限", en="grants"),
    "fields": Text(zh="字段", en="fields"),
    "start": Text(zh="起始状态", en="start"),
    "states": Text(zh="状态", en="states"),
    "transitions": Text(zh="流转", en="transitions"),
    "removed": Text(zh="停用状态的去向", en="where records of removed states go"),
    "color": Text(zh="颜色", en="colour"),
    "final": Text(zh="终态", en="final"),
    "probability": Text(zh="赢率", en="probability"),
    "conversion": Text(zh="转化率基准", en="conversion baseline"),
    "stale_after": Text(zh="停滞期限", en="time until stale"),
    "responsible": Text(zh="负责人", en="responsible"),
    "deliverable": Text(zh="交付物", en="deliverable"),
    "guide": Text(zh="指引", en="guidance"),
    "enter_when": Text(zh="进入条件", en="condition to enter"),
    "leave_when": Text(zh="离开条件", en="condition to leave"),
    "steps": Text(zh="步骤", en="steps"),
    "sources": Text(zh="来源状态", en="source states"),
    "to": Text(zh="目标状态", en="target state"),
    "requires": Text(zh="必须填写的字段", en="fields that must be filled"),
    "ask": Text(zh="流转时填写的字段", en="fields asked for"),
    "when": Text(zh="条件", en="condition"),
    "roles": Text(zh="角色", en="roles"),
    "reason": Text(zh="原因", en="reason"),
    "sensitive": Text(zh="敏感操作", en="sensitive"),
    "effects": Text(zh="后续动作", en="effects"),
    "at": Text(zh="时点", en="moment"),
    "at_name": Text(zh="所在流转", en="transition it starts at"),
    "priority": Text(zh="优先级", en="priority"),
    "otherwise": Text(zh="无需审批时", en="what happens when nothing needs asking"),
    "protects": Text(zh="保护的操作", en="protected acts"),
    "lock": Text(zh="审批中锁定", en="lock while pending"),
    "within": Text(zh="时限", en="time limit"),
    "late": Text(zh="超时处理", en="what happens when late"),
    "straight_back": Text(zh="退回后直达", en="straight back"),
    "on": Text(zh="结果动作", en="actions that follow"),
    "approvers": Text(zh="审批人", en="approvers"),
    "decide": Text(zh="决定方式", en="way of deciding"),
    "remind": Text(zh="提醒", en="reminders"),
    "notify": Text(zh="通知渠道", en="channels"),
    "show": Text(zh="可见字段", en="fields shown"),
    "edit": Text(zh="可改字段", en="fields to edit"),
    "nobody": Text(zh="无审批人时", en="what happens without approvers"),
    "repeated": Text(zh="重复审批人", en="repeated approvers"),
    "branches": Text(zh="分支", en="branches"),
    "join": Text(zh="分支汇合方式", en="way branches join"),
    "copy_to": Text(zh="抄送", en="copies"),
    "trigger": Text(zh="触发方式", en="trigger"),
    "do": Text(zh="动作", en="actions"),
    "ends": Text(zh="结束动作", en="actions at the end"),
    "once": Text(zh="执行次数", en="how often it runs"),
    "pilot": Text(zh="试点范围", en="pilot"),
    "object": Text(zh="对象", en="object"),
    "field": Text(zh="字段", en="field"),
    "value": Text(zh="算式", en="formula"),
    "filter": Text(zh="筛选条件", en="filter"),
    "unit": Text(zh="单位", en="unit"),
    "better": Text(zh="方向", en="direction"),
    "target": Text(zh="目标", en="target"),
    "filters": Text(zh="筛选项", en="filters"),
    "refresh": Text(zh="刷新间隔", en="refresh"),
    "widgets": Text(zh="图表", en="widgets"),
    "options": Text(zh="设置", en="settings"),
    "base": Text(zh="地址", en="address"),
    "auth": Text(zh="认证", en="authentication"),
    "verify": Text(zh="校验方式", en="verification"),
    "operations": Text(zh="操作", en="operations"),
    "method": Text(zh="请求方法", en="method"),
    "path": Text(zh="路径", en="path"),
    "body": Text(zh="请求内容", en="body"),
    "headers": Text(zh="请求头", en="headers"),
    "key": Text(zh="幂等键", en="idempotency key"),
    "answer": Text(zh="应答写入", en="what the answer sets"),
    "times": Text(zh="重试次数", en="retries"),
    "set": Text(zh="写入字段", en="fields set"),
    "by": Text(zh="匹配字段", en="fields that find it"),
}


def describe(change: DefinitionChange) -> Text:
    """Return a change in one line."""
    kind = KINDS[change.kind]
    name = clip(change.name, 120)
    if change.act == "added":
        return Text(zh=f"新增{kind.zh} {name}", en=f"new {kind.en} {name}")
    if change.act == "removed":
        if change.kind == "field":
            return Text(zh=f"停用字段 {name}（列与数据保留）", en=f"field {name} retired (its column and data stay)")
        if change.kind == "object":
            return Text(zh=f"停用对象 {name}（表与数据保留）", en=f"object {name} retired (its table and data stay)")
        return Text(zh=f"移除{kind.zh} {name}", en=f"{kind.en} {name} removed")
    if change.act == "renamed":
        return Text(
            zh=f"{kind.zh} {clip(change.was, 120)} 改名为 {name}",
            en=f"{kind.en} {clip(change.was, 120)} renamed to {name}",
        )
    option = OPTIONS.get(change.option, Text(zh=change.option, en=change.option))
    if change.act == "moved":
        return Text(
            zh=f"{kind.zh} {name} 的{_tight(option.zh)}顺序改变", en=f"{kind.en} {name}: new order of {option.en}"
        )
    old, new = _shown(change.old), _shown(change.new)
    if old is None or new is None:
        return Text(zh=f"{kind.zh} {name} 的{_tight(option.zh)}改变", en=f"{kind.en} {name}: {option.en} changed")
    return Text(
        zh=f"{kind.zh} {name} 的{_tight(option.zh)}由 {old.zh} 改为 {new.zh}",
        en=f"{kind.en} {name}: {option.en} {old.en} → {new.en}",
    )


def _tight(text: str) -> str:
    """Put spaces around what is not Chinese."""
    return f" {text} " if text.isascii() else text


def _shown(value: object) -> Text | None:
    """Return a value short enough for the line, None where it is a structure."""
    if value is None:
        return Text(zh="无", en="none")
    if isinstance(value, bool):
        return Text(zh="是" if value else "否", en="yes" if value else "no")
    if isinstance(value, Text):
        return Text(zh=f"「{clip(value('zh'), 40)}」", en=f"“{clip(value('en'), 40)}”")
    found = getattr(value, "text", None)
    text = found if isinstance(found, str) else str(value) if isinstance(value, (str, int, Decimal)) else None
    if text is None:
        return None
    shown = clip(text, 60) or '""'
    return Text(zh=shown, en=shown)
