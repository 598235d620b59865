"""A new object made by clicking: a name, a title field and an owner to begin with, a list, a place in the menu, and who may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.fields import label_texts
from designer.names import name_from
from designer.preview import label_in
from designer.work import change
from metamodel.names import WORDS
from metamodel.text import Text

if TYPE_CHECKING:
    from designer.changes import Changes
    from designer.work import Work


def menu_groups(work: Work) -> list[tuple[str, str]]:
    """Return the menu's groups: ``pack/group`` → what it is called."""
    language = work.visit.language
    found = []
    for (kind, name), merged in work.candidate.merged.items():
        menu = merged.node.to_data().get("menu") if kind == "pack" else None
        for group, said in menu.items() if isinstance(menu, dict) else ():
            found.append(
                (f"{name}/{group}", label_in(said.get("label") if isinstance(said, dict) else None, language, group))
            )
    return found


def create_object(work: Work, label: str, menu: str) -> str:
    """Add an object to the draft; return its name, "" where no label was given. Every role that may read the menu's neighbours can be
    granted it on the page of roles; administrators see it at once."""
    label, language = label.strip()[:80], work.visit.language
    if not label:
        return ""
    taken = {name for kind, name in work.candidate.merged if kind == "object"} | set(WORDS)
    name = name_from(label, taken, "object")
    words = Text(zh=f"新建对象「{label}」", en=f"a new object: {label}")

    def make(changes: Changes) -> None:
        changes.define("object", name, object_data(label, language))
        _into_menu(work, changes, name, menu)

    change(work, words, make)
    return name


def object_data(label: str, language: str) -> dict[str, object]:
    """Return what a new object begins with: sound at once, and of use."""
    return {
        "label": label_texts({language: label}),
        "icon": "table",
        "title": "name",
        "owner": "owner",
        "fields": {
            "name": {"type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True, "search": True},
            "owner": {"type": "user", "label": {"zh": "负责人", "en": "Owner"}, "default": "=me"},
        },
        "form": {
            "tabs": {
                "main": {
                    "label": {"zh": "基本信息", "en": "Basics"},
                    "sections": {"head": {"columns": 2, "fields": ["name", "owner"]}},
                }
            }
        },
        "views": {
            "all": {
                "label": {"zh": "全部", "en": "All"},
                "columns": ["name", "owner", "created_at"],
                "sort": ["-created_at"],
            }
        },
    }


def _into_menu(work: Work, changes: Changes, name: str, menu: str) -> None:
    """Put an object into a group of the menu; of the site's own where none is chosen."""
    pack, _, group = menu.partition("/")
    data = work.candidate.data("pack", pack).get("menu") if pack else None
    said = data.get(group) if isinstance(data, dict) else None
    if isinstance(said, dict):
        changes.put("pack", pack, ("menu", group, "items"), [*(said.get("items") or []), name])
        return
    own = work.candidate.data("pack", "site").get("menu")
    mine = own.get("own") if isinstance(own, dict) else None
    if isinstance(mine, dict):
        changes.put("pack", "site", ("menu", "own", "items"), [*(mine.get("items") or []), name])
    else:
        changes.put("pack", "site", ("menu", "own"), {"label": {"zh": "更多", "en": "More"}, "items": [name]})
