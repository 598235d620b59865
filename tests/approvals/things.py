"""A pack of things that are approved at their creation, their update, their deletion and when submitted; its people; what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.application import App, write_pack

if TYPE_CHECKING:
    from pathlib import Path

THING = """
object: thing
owner: owner
fields:
  name: {type: text, required: true}
  owner: {type: user, default: =me}
  amount: {type: money}
  note: {type: text}
  judge: {type: user}
  judges: {type: users}
  parts: {type: lines, of: part}
  total: {type: rollup, value: SUM(parts.price)}
  stage: {type: state, process: thing_stages}
"""
MORE = {
    "objects/part.yaml": """
object: part
fields:
  thing: {type: link, to: thing, parent: true, required: true}
  price: {type: money}
""",
    "objects/deal.yaml": """
object: deal
fields:
  thing: {type: link, to: thing}
  stage: {type: state, process: deal_stages}
""",
    "processes/thing_stages.yaml": """
process: thing_stages
object: thing
field: stage
start: draft
states: {draft: {}, revised: {final: won}}
transitions: {revise: {from: draft, to: revised, ask: [amount]}}
""",
    "processes/deal_stages.yaml": """
process: deal_stages
object: deal
field: stage
start: draft
states: {draft: {}, signed: {final: won}}
transitions: {sign: {from: draft, to: signed, ask: [thing]}}
""",
}
APPROVALS = {
    "fresh": "starts: {at: create, when: amount > 1000}\nsteps:\n  one: {approvers: {manager: 1}}\n",
    "raised": "starts: {at: update, when: amount > old.amount}\nwhile_pending: {lock: false}\nsteps:\n  one: {approvers: {manager: 1}}\n",
    "grown": "starts: {at: update, when: 'total > 1000 and total > COALESCE(old.total, 0)'}\nwhile_pending: {lock: false}\n"
    "steps:\n  one: {approvers: {manager: 1}}\n",
    "guarded": "starts: {at: submit, when: amount > 800000}\nprotects: [create deal]\nsteps:\n  one: {approvers: {manager: 1}}\n",
    "gone": "starts: {at: delete, when: amount > 10}\nsteps:\n  one: {approvers: {manager: 1}}\n",
    "second": "priority: 20\nstarts: {at: submit, when: amount > 0}\nsteps:\n  two: {approvers: {user: vera}}\n",
    "named": """starts: {at: submit, when: note = "named"}
steps:
  several: {approvers: {users: [vera, mia]}, decide: in_order, repeated: ask}
  one: {approvers: {user: vera}, repeated: ask}
  held: {approvers: {role: lead}, repeated: ask}
  above: {approvers: {manager: 2}, repeated: ask}
  head: {approvers: {department_head: 1}, repeated: ask}
  over: {approvers: {department_head: 2}, repeated: ask}
  line: {approvers: {managers: {up_to: lead}}, decide: all, repeated: ask}
  theirs: {approvers: {expression: MANAGER(owner)}, repeated: ask}
""",
    "judged": 'starts: {at: submit, when: note = "judged"}\nsteps:\n  all: {approvers: {field: judges}, decide: all}\n',
    "first": "priority: 10\nstarts: {at: submit, when: amount > 5}\nelse: refuse\non_approved: {say: {set: {note: first}}}\n"
    "steps:\n  one: {approvers: {chosen: submitter}}\n",
}
ROLE = "role: rep\nobjects:\n  thing: {read: all, create: true, update: all, delete: all}\n  deal: {read: all, create: true, update: all}\n  user: {read: all}\n"
LEAD = "role: lead\nobjects:\n  thing: {read: all}\n"
SCENARIO = """
scenario: a late manager is escalated
given:
  users:
    vera: {}
    chief: {}
    mia: {manager: chief}
    sam: {role: rep, manager: mia}
  now: "2026-01-05T09:00+08:00"
do:
  t:     {by: sam, create: {object: thing, as: t, set: {name: a, amount: 5000}}}
  no:    {by: sam, update: {record: =t, set: {note: x}}, expect: {refused: LOCKED}}
  nope:  {by: sam, approve: {record: =t}, expect: {refused: FORBIDDEN}}
  say:   {by: sam, comment: {record: =t, comment: 急}}
  yes:   {by: mia, approve: {record: =t}}
  free:  {by: sam, update: {record: =t, set: {note: x}}}
  state: {expect: 't.note = "x"'}
"""


def pack(folder: Path, **more: str) -> Path:
    """Write the pack."""
    files = {
        f"approvals/{name}.yaml": f"approval: {name}\nobject: thing\n{text}"
        for name, text in (APPROVALS | more).items()
    }
    return write_pack(
        folder,
        "things",
        {
            "objects/thing.yaml": THING,
            **MORE,
            "roles/rep.yaml": ROLE,
            "roles/lead.yaml": LEAD,
            "scenarios/late.yaml": SCENARIO,
            **files,
        },
    )


def fill(made: App) -> None:
    """Put a rep below a manager into the application, and others."""
    made.person("ada", "admin")
    made.person("mia", "rep")
    made.person("vera", "rep")
    made.person("sam", "rep", manager="mia")


def running(app: App) -> list[tuple[int, str]]:
    """Return (id, approval) of what is under way."""
    rows = app.rows("SELECT id, approval FROM tenon.approval_instance WHERE finished_at IS NULL ORDER BY id")
    return [(row[0], row[1]) for row in rows]
