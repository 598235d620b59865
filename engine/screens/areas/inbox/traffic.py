"""What was sent to people by other channels, asked of other systems and sent in by them, as pages for administrators; what failed may be
tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from engine.channels import channel_kinds
from engine.channels.deliveries import send_again
from engine.connections.sending import call_again
from engine.people.auditing import note
from engine.refusals import Refusal
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.texts import TEXTS, say
from engine.storage.work_tables import call, delivery, inbound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.screens.site import Visit

ROWS = 50
STATES = {
    "deliveries": ("failed", "waiting", "sent"),
    "calls": ("failed", "waiting", "done"),
    "inbound": ("refused", "done"),
}
WORDS = {
    "": "traffic_state_all",
    "failed": "traffic_state_failed",
    "refused": "traffic_state_refused",
    "waiting": "traffic_state_waiting",
    "sent": "traffic_state_sent",
    "done": "traffic_state_done",
}
NAMES = {"deliveries": "traffic_deliveries", "calls": "traffic_calls", "inbound": "traffic_inbound"}
TABLES = {"deliveries": delivery, "calls": call, "inbound": inbound}
TONES = {"failed": "red", "refused": "red", "waiting": "amber", "sent": "green", "done": "green"}


def traffic_page(visit: Visit, what: str, state: str, before: int | None) -> str:
    """Return one of the three lists, latest first. Raises Refusal 403 for whoever is no administrator."""
    demand_admin(visit)
    if what not in TABLES:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    table = TABLES[what]
    asked = sa.select(*table.columns).order_by(table.c.id.desc()).limit(ROWS + 1)
    if state in STATES[what]:
        asked = asked.where(table.c.state == state)
    if before is not None:
        asked = asked.where(table.c.id < before)
    rows = [dict(row) for row in visit.context.connection.execute(asked).mappings()]
    failed = _failed(visit)
    make = {"deliveries": _delivery, "calls": _call, "inbound": _inbound}[what]
    return visit.page(
        "inbox/traffic.html",
        here="/admin/deliveries",
        what=what,
        tabs=[
            {"url": f"/admin/{one}", "label": say(NAMES[one], visit.language), "here": one == what, "failed": failed[one]}
            for one in TABLES
        ],
        states=[
            {"url": f"/admin/{what}" + (f"?state={one}" if one else ""), "here": one == (state if state in STATES[what] else ""),
             "label": say(WORDS[one], visit.language)}
            for one in ("", *STATES[what])
        ],
        rows=[make(visit, row) for row in rows[:ROWS]],
        more=f"/admin/{what}?state={state}&before={rows[ROWS - 1]['id']}" if len(rows) > ROWS else "",
    )  # fmt: skip


def demand_admin(visit: Visit) -> None:
    """Raise Refusal 403 for whoever is no administrator."""
    if not visit.rights.full:
        raise Refusal(403, "FORBIDDEN", TEXTS["error_403"])


def _failed(visit: Visit) -> dict[str, int]:
    wanted = {what: "refused" if what == "inbound" else "failed" for what in TABLES}
    asked = sa.select(
        *(
            sa.select(sa.func.count()).where(TABLES[what].c.state == state).scalar_subquery().label(what)
            for what, state in wanted.items()
        )
    )
    return {str(what): int(count) for what, count in visit.context.connection.execute(asked).mappings().one().items()}


def _common(visit: Visit, row: Mapping[str, Any], at: str) -> dict[str, Any]:
    language, zone, state = visit.language, visit.locale.zone, row["state"]
    coming = row.get("next_at")
    return {
        "id": row["id"],
        "state": say(WORDS[state], language) if state in WORDS else state,
        "tone": TONES.get(state, "gray"),
        "tries": row.get("attempts", ""),
        "error": row["error"],
        "when": Html(ago(row[at], visit.context.now, language, zone)),
        "next": Html(ago(coming, visit.context.now, language, zone)) if coming is not None else "",
        "again": state == "failed",
        "key": row.get("key", ""),
        "texts": [],
        "record": "",
    }


def _delivery(visit: Visit, row: Mapping[str, Any]) -> dict[str, Any]:
    kind = channel_kinds().get(row["channel"])
    address = row["address"].partition(":")[2] if row["channel"] == "wecom" else row["address"]
    return _common(visit, row, "created_at") | {
        "title": row["subject"] or row["body"],
        "about": kind.label(visit.language) if kind is not None else row["channel"],
        "place": address or (say("traffic_group", visit.language) if row["channel"] == "wecom" else ""),
        "again_label": say("traffic_again", visit.language),
        "texts": [
            {
                "label": say("traffic_what", visit.language),
                "text": "\n".join(part for part in (row["subject"], row["body"], row["link"]) if part),
            }
        ],
    }


def _call(visit: Visit, row: Mapping[str, Any]) -> dict[str, Any]:
    asked, answer = row["request"], row["response"]
    head = "\n".join(
        [f"{asked['method']} {asked['path']}", *(f"{name}: {value}" for name, value in asked["headers"].items())]
    )
    texts = [{"label": say("traffic_request", visit.language), "text": f"{head}\n\n{asked.get('body', '')}".strip()}]
    if answer is not None:
        texts.append(
            {
                "label": say("traffic_response", visit.language),
                "text": f"{answer['status']}\n\n{answer['body']}".strip(),
            }
        )
    return _common(visit, row, "created_at") | {
        "title": f"{row['connection']}.{row['operation']}",
        "about": f"{asked['method']} {asked['path']}",
        "place": "",
        "record": f"/o/{row['object']}/{row['record_id']}" if row["object"] in visit.records.objects else "",
        "again_label": say("traffic_call_again", visit.language),
        "texts": texts,
    }


def _inbound(visit: Visit, row: Mapping[str, Any]) -> dict[str, Any]:
    body = orjson.dumps(row["body"], option=orjson.OPT_INDENT_2).decode() if row["body"] is not None else ""
    return _common(visit, row, "received_at") | {
        "title": f"{row['connection']}.{row['name']}",
        "about": "",
        "place": "",
        "again": False,
        "texts": [{"label": say("traffic_what", visit.language), "text": body}],
    }


def try_again(visit: Visit, what: str, number: int) -> bool:
    """Try something that failed again; return whether it had. Raises Refusal 403 for whoever is no administrator."""
    demand_admin(visit)
    if what == "deliveries":
        done = send_again(visit.context, visit.site.config, channel_kinds(), number)
    else:
        done = call_again(visit.context, number)
    if done:
        note(visit.context, f"{what} again", details={"id": number})
    return done
