"""What the pages of administration share: who may see them, and the tabs across their top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.administration.accounts import demand_admin
from engine.screens.texts import say

if TYPE_CHECKING:
    from engine.screens.site import Visit

HOME = "/admin"
TABS = {  # tab → its word
    "state": "admin_state",
    "people": "admin_people",
    "departments": "admin_departments",
    "roles": "admin_roles",
    "audit": "admin_audit",
    "sessions": "admin_sessions",
    "checkup": "admin_checkup",
}


def ask_admin(visit: Visit) -> None:
    """Refuse (403) whoever is no administrator."""
    demand_admin(visit.context)


def admin_page(visit: Visit, tab: str, template: str, **values: Any) -> str:
    """Return a page of administration under its tabs."""
    tabs = [
        {
            "url": HOME if one == "state" else f"{HOME}/{one}",
            "label": say(word, visit.language),
            "here": one == tab,
        }
        for one, word in TABS.items()
    ]
    return visit.page(f"admin/{template}", here=HOME, tabs=tabs, tab=tab, **values)
