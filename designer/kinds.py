"""The kinds of definition that the designer shows beside objects: what they are called, their sign, and what there is of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.preview import label_in
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work

OBJECTS = Text(zh="对象", en="Objects")
GROUPS: Mapping[str, tuple[Text, str]] = {
    "process": (Text(zh="流程", en="Processes"), "arrows-right-left"),
    "approval": (Text(zh="审批", en="Approvals"), "git-pull-request"),
    "automation": (Text(zh="自动化", en="Automations"), "bolt"),
    "metric": (Text(zh="指标", en="Metrics"), "chart-dots"),
    "dashboard": (Text(zh="仪表盘", en="Dashboards"), "layout-dashboard"),
    "report": (Text(zh="报表", en="Reports"), "report-analytics"),
    "role": (Text(zh="角色权限", en="Roles"), "shield-lock"),
    "choices": (Text(zh="共用选项", en="Shared choices"), "list-check"),
    "connection": (Text(zh="连接", en="Connections"), "plug-connected"),
    "pack": (Text(zh="应用包", en="Packs"), "package"),
}


def entries_of(work: Work, kind: str) -> list[dict[str, Any]]:
    """Return the definitions of a kind, with the draft, as lists show them."""
    language = work.visit.language
    return [
        {
            "name": name,
            "label": label_in(merged.node.to_data().get("label"), language, name),
            "changed": (kind, name) in work.candidate.documents,
            "url": f"/designer/source/{kind}/{name}",
        }
        for (one, name), merged in work.candidate.merged.items()
        if one == kind
    ]
