"""The text of a new scenario, for somebody to write on."""

from __future__ import annotations

from escalation.scenario.write import quoted

_TEMPLATE = """\
# yaml-language-server: $schema=schema.json
#
# {name}: written by `escalation new`. With `escalation schema > schema.json` beside it, an editor explains
# each key.
# Check it with `escalation validate {name}.yaml`, run it with `escalation run {name}.yaml`.
# Every number here is invented: put yours in place, with `{{value: 0.9, source: ...}}` where it comes from.

schema_version: 1
title: {title}
question: Who answers whom in the year after the shock, and does it stop?

start: 2024-01-01           # the clock begins
simulate_from: 2024-01-15   # from this day on the model decides
end: 2025-01-15             # the first day that is not simulated

catalogue: standard         # the instruments; `none` to begin without any

actors:
  sender:
    name: Sender
    institution:
      stages: {{reaction: {{median: 10, spread: 0.5}}}}   # days from a provocation to a decision
      meetings: {{weekday: monday, nth: [3]}}           # decisions fall on the third Monday of a month
    policy: graduated                                 # `escalation policies` lists them
  target:
    name: Target
    policy:
      preset: tit_for_tat
      reciprocity: {{uniform: [0.5, 1.0], assumption: true}}   # uncertain: drawn anew in each replication

dyads:                      # dyads.SENDER.TARGET
  sender:
    target: {{exposure: 0.2, dependence: 0.02}}         # the target's exposure, the sender's own cost
  target:
    sender: {{exposure: 0.02, dependence: 0.2}}

shocks:                     # what no actor chose
  crackdown:
    label: protests put down
    date: 2024-01-08
    blamed: target
    magnitude: 5.0
    salience: {{sender: 1.0}}

history: {{}}                 # what is known to have been done between start and simulate_from

outcomes:
  answer: [package_days.sender, package_days.target, concession.target]
  tension_at: [2024-07-01]
  # objectives:             # what is wanted, by names of its own; the summary says what it came to
  #   calm: prob(runaway) <= 0.05
  #   cheap: mean(cost.sender)
"""


def template(name: str, title: str) -> str:
    """Return the text of a new scenario file `name`.yaml with this title; it loads as it stands."""
    return _TEMPLATE.format(name=name, title=quoted(title))
