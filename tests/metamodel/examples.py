"""The language's own examples of processes, approvals, rules, metrics, boards and connections, as its design writes them."""

from __future__ import annotations

EXAMPLES = {
    "processes/opportunity_stages.yaml": """\
process: opportunity_stages
object: opportunity
field: stage
start: contact
states:                            # file order is the forward order
  contact:
    label: {zh: 接触, en: Contact}
    color: blue
    probability: 10%
    conversion: 60%                # the baseline
    stale_after: 7d
    responsible: =owner
    deliverable: {zh: 沟通纪要, en: Minutes}
    guide: {zh: 话术见资料库, en: See scripts}
    leave_when: not ISBLANK(customer)
    steps:                         # 必做动作: all done before leaving forward
      minutes: {label: {zh: 上传沟通纪要, en: Minutes}, done_when: 'COUNT(files, tag = "minutes") > 0'}
      feedback: {label: {zh: 客户反馈, en: Feedback}, fields: [customer_feedback]}
  needs: {label: {zh: 需求确认, en: Needs}, enter_when: amount > 0}
  won: {label: {zh: 成交, en: Won}, final: won}
  lost: {label: {zh: 丢单, en: Lost}, final: lost}
transitions:
  qualify: {from: contact, to: needs, requires: [budget], when: amount > 0, roles: [rep]}
  win:
    from: needs
    to: won
    effects: {contract: {create: {object: contract, set: {customer: =customer, amount: =amount}, copy: {lines: lines}}}}
  lose: {from: open, to: lost, ask: [lost_reason], steps: not_needed}      # open: every state that is not final
  skip: {from: open, to: open, choose: target, roles: [director], reason: required, sensitive: true, steps: not_needed}
""",
    "approvals/large_quote.yaml": """\
approval: large_quote
object: quote
priority: 10                       # among several that start at the same point; all whose `when` holds run in this order
starts: {at: submit, when: amount > 300000}      # at: submit | create | update | delete | transition (with name: send)
else: approve                      # submit when nothing needs asking: approve | refuse
protects: [transition send, template quote_pdf, create contract]   # refused while `when` holds and no valid approval exists
while_pending: {lock: true}
within: 48h
on_submit: {state: {transition: {name: ask}}}
on_approved: {state: {transition: {name: approve}}, erp: {call: {operation: erp.push_quote}}}
on_rejected: {tell: {notify: {to: =owner, message: {zh: 报价被驳回, en: Rejected}}}}
steps:
  director:
    label: {zh: 区域总监, en: Regional director}
    approvers: {role: regional_director, where: user.region = record.customer.region}
    decide: any                    # any 或签 | all 会签 | in_order 依次 | majority | 60%
    within: 24h
    remind: [12h, 20h]
    late: {escalate: {manager: 1}} # remind | escalate | approve | reject | return
    notify: [inbox, wecom]
    fields: {show: [amount, lines], edit: [discount]}
    nobody: admin                  # no approver found: admin | skip | reject
    repeated: skip                 # approver already approved, or is the submitter: skip | ask | manager
  both:
    when: amount > 500000          # else the step is passed over
    all_of:                        # parallel branches, joined; any_of: the first decides
      technical: {approvers: {field: engineer}}
      finance: {approvers: {role: finance}}
  copy: {copy_to: {role: assistant}}
""",
    "automations/dormant.yaml": """\
automation: dormant
object: customer
trigger: {becomes: 'IDLE(COALESCE(last_contact, owner_since)) > 14d and status = "active"', at: "08:30"}
once: per episode                  # every | per episode | per record
do:
  mark: {transition: {name: sleep}}
  task: {create: {object: task, set: {about: =record, subject: "唤醒 {name}", assignee: =service_rep, due: =NOW() + 2d}}}
  tell: {notify: {to: [=service_rep], cc: [=MANAGER(owner)], by: [inbox, wecom], message: {zh: "{name} 已连续两周无互动", en: "{name}: two weeks silent"}}}
ends: {clear: {notify: {to: [=owner], message: {zh: 已恢复, en: Back}}}}    # when the condition stops being true
""",
    "automations/region_support.yaml": """\
automation: region_support
trigger: {metric: new_leads, by: region, per: week, when: value < 0.8 * average, average_over: 12, in_a_row: 3, at: "MON 08:00"}
do:
  ask: {create: {object: support_request, as: request, set: {region: =group.region}}}
  go: {submit: {record: =request}}
""",
    "metrics/win_rate.yaml": """\
metric: win_rate
label: {zh: 赢单率, en: Win rate}
object: opportunity
value: 'COUNT(rows, stage = "won") / COUNT(rows, stage in ("won", "lost"))'
at: closed_at
unit: percent
""",
    "dashboards/funnel.yaml": """\
dashboard: funnel
filters: [period, region, owner.department, product]
refresh: 5s
widgets:
  won:    {show: number, metric: won_amount, compare: previous_period, target: sales_target}
  funnel: {show: funnel, process: opportunity_stages, measures: [count, conversion, dwell]}
  trend:  {show: line, metric: won_amount, by: month, split: region}
  best:   {show: leaderboard, metric: won_amount, by: owner, top: 10}
  heat:   {show: heatmap, metric: visits, rows: owner, columns: day}
  stuck:  {show: table, view: opportunity.stalled}
""",
    "connections/erp.yaml": """\
connection: erp
base: https://erp.example
auth: {bearer: {secret: erp_token}}           # secrets by name, never in a pack
operations:
  push_contract:
    object: contract
    request: {method: POST, path: /contracts, body: {no: =number, amount: =amount, customer: =customer.code}}
    key: '=number & "/" & version'            # idempotency
    answer: {set: {erp_id: =answer.id}}
    retry: {times: 8, within: 1d}
inbound:
  stock: {verify: {hmac: {secret: erp_hook}}, upsert: {object: stock, by: [sku], set: {sku: =body.sku, on_hand: =body.quantity}}}
""",
}
