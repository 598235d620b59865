"""The objects, roles and definitions that the examples of the language name in passing: what a test puts around them."""

from __future__ import annotations

OBJECTS = {
    "customer": """
object: customer
owner: owner
fields:
  name: {type: text, required: true}
  code: {type: text}
  region: {type: choice, choices: region}
  owner: {type: user}
  service_rep: {type: user}
  last_contact: {type: datetime}
  budget: {type: money}
  status: {type: state, process: customer_life}
""",
    "product": "object: product\nfields:\n  name: {type: text}\n",
    "opportunity": """
object: opportunity
owner: owner
fields:
  name: {type: text, required: true}
  customer: {type: link, to: customer}
  product: {type: link, to: product}
  owner: {type: user}
  region: {type: choice, choices: region}
  stage: {type: state, process: opportunity_stages}
  amount: {type: money}
  budget: {type: money}
  closed_at: {type: datetime}
  customer_feedback: {type: long_text}
  lost_reason: {type: choice, choices: {price: 价格, rival: 竞品}}
  lines: {type: lines, of: opportunity_line}
views:
  stalled: {columns: [name, amount]}
""",
    "opportunity_line": """
object: opportunity_line
fields:
  opportunity: {type: link, to: opportunity, parent: true, required: true, on_delete: cascade}
  amount: {type: money}
""",
    "contract": """
object: contract
fields:
  number: {type: text}
  customer: {type: link, to: customer}
  amount: {type: money}
  erp_id: {type: text}
  lines: {type: lines, of: contract_line}
""",
    "contract_line": """
object: contract_line
fields:
  contract: {type: link, to: contract, parent: true, required: true, on_delete: cascade}
  amount: {type: money}
""",
    "quote": """
object: quote
owner: owner
fields:
  number: {type: text}
  name: {type: text}
  customer: {type: link, to: customer}
  owner: {type: user}
  engineer: {type: user}
  amount: {type: money}
  discount: {type: percent}
  stage: {type: state, process: quote_stages}
  lines: {type: lines, of: quote_line}
""",
    "quote_line": """
object: quote_line
fields:
  quote: {type: link, to: quote, parent: true, required: true, on_delete: cascade}
  amount: {type: money}
""",
    "task": """
object: task
fields:
  subject: {type: text}
  about: {type: link, to: [customer, opportunity]}
  assignee: {type: user}
  due: {type: datetime}
""",
    "activity": """
object: activity
owner: owner
fields:
  kind: {type: choice, choices: {visit: 拜访, call: 电话}}
  owner: {type: user}
  happened_at: {type: datetime}
""",
    "support_request": """
object: support_request
fields:
  region: {type: choice, choices: region}
""",
    "lead": "object: lead\nfields:\n  name: {type: text}\n  region: {type: choice, choices: region}\n",
    "stock": "object: stock\nfields:\n  sku: {type: text}\n  on_hand: {type: decimal}\n",
}
OTHERS = {
    "choices/region.yaml": "choices: region\nvalues: {north: 华北, east: 华东}\n",
    "objects/site_user.yaml": "extend: object/user\nfields: {region: {type: choice, choices: region}}\n",
    "processes/customer_life.yaml": """
process: customer_life
object: customer
field: status
start: active
states: {active: {label: 活跃}, dormant: {label: 沉睡}, pool: {label: 公海, final: pool}}
transitions:
  sleep: {from: active, to: dormant}
  wake: {from: dormant, to: active}
  drop: {from: open, to: pool}
""",
    "processes/quote_stages.yaml": """
process: quote_stages
object: quote
field: stage
start: draft
states: {draft: 草稿, pending: 审批中, approved: 已批准, sent: {label: 已发送, final: sent}}
transitions:
  ask: {from: draft, to: pending}
  approve: {from: pending, to: approved}
  send: {from: [approved, draft], to: sent}
""".replace("草稿", "{label: 草稿}")
    .replace("审批中", "{label: 审批中}")
    .replace("已批准", "{label: 已批准}"),
    "connections/erp_quotes.yaml": """
extend: connection/erp
operations:
  push_quote: {object: quote, request: {method: POST, path: "/quotes/{number}", body: {no: =number}}, key: =number}
""",
    "metrics/won_amount.yaml": """
metric: won_amount
object: opportunity
value: SUM(rows.amount)
filter: stage = "won"
at: closed_at
unit: money
""",
    "metrics/visits.yaml": "metric: visits\nobject: activity\nvalue: 'COUNT(rows, kind = \"visit\")'\nat: happened_at\n",
    "metrics/new_leads.yaml": "metric: new_leads\nobject: lead\nvalue: COUNT(rows)\nat: created_at\n",
    **{
        f"roles/{name}.yaml": f"role: {name}\nobjects: {{user: {{read: all}}}}\n"
        for name in ("rep", "manager", "director", "regional_director", "finance", "assistant")
    },
}


def around(*leave_out: str) -> dict[str, str]:
    """Return the files, without those of the paths in ``leave_out``."""
    files = {f"objects/{name}.yaml": text.lstrip() for name, text in OBJECTS.items()} | {
        path: text.lstrip() for path, text in OTHERS.items()
    }
    return {path: text for path, text in files.items() if path not in leave_out}
