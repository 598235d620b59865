"""What a new definition of a kind begins with: short, sound where the model has what it needs, and saying what may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.names import name_from

if TYPE_CHECKING:
    from designer.work import Work

TEXTS = {
    "process": "process: {name}\nlabel: {{zh: 新流程, en: New process}}\nobject: {object}\nfield: state\nstart: draft\nstates:\n  draft: {{label: {{zh: 草稿, en: Draft}}}}\n"
    "  done: {{label: {{zh: 完成, en: Done}}, final: done}}\ntransitions:\n  finish: {{label: {{zh: 完成, en: Finish}}, from: draft, to: done}}\n",
    "approval": "approval: {name}\nlabel: {{zh: 新审批, en: New approval}}\nobject: {object}\nstarts: {{at: submit}}\nsteps:\n  first:\n    label: {{zh: 直属主管, en: Manager}}\n"
    "    approvers: {{manager: 1}}\n    decide: any\n",
    "automation": "automation: {name}\nlabel: {{zh: 新规则, en: New rule}}\nobject: {object}\ntrigger: created\ndo:\n  tell: {{notify: {{to: =owner, message: {{zh: 新记录, en: A new record}}}}}}\n",
    "metric": "metric: {name}\nlabel: {{zh: 新指标, en: New metric}}\nobject: {object}\nvalue: COUNT(rows)\nat: created_at\n",
    "dashboard": "dashboard: {name}\nlabel: {{zh: 新仪表盘, en: New dashboard}}\nfilters: [period]\nwidgets:\n  first: {{show: number, metric: {metric}}}\n",
    "report": "report: {name}\nlabel: {{zh: 新报表, en: New report}}\nobject: {object}\nrows: [created_by]\nmeasures:\n  count: {{label: {{zh: 数量, en: Count}}, value: COUNT(rows)}}\nchart: bar\n",
    "role": "role: {name}\nlabel: {{zh: 新角色, en: New role}}\nobjects:\n  {object}: {{read: own, create: true, update: own}}\n",
    "choices": "choices: {name}\nlabel: {{zh: 新列表, en: New list}}\nvalues:\n  first: {{label: {{zh: 第一项, en: First}}}}\n",
    "connection": "connection: {name}\nlabel: {{zh: 新连接, en: New connection}}\nbase: https://example.com\n",
}


def starter_of(work: Work, kind: str) -> tuple[str, str]:
    """Return a free name and the text of a new definition."""
    taken = {name for one, name in work.candidate.merged if one == kind}
    name = name_from("", taken, f"new_{kind}")
    model = work.model
    owned = next((key for key, one in model.objects.items() if one.owner), next(iter(model.objects), "user"))
    metric = next(iter(model.metrics), "records")
    return name, TEXTS.get(kind, f"{kind}: {{name}}\n").format(name=name, object=owned, metric=metric)
