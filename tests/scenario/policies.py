"""The policies of the stories: the ladder of 15, 30, 60 and 90 days, on every day of the week."""

from __future__ import annotations

from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load

STAGES = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
announces = true

[[stages]]
id = "fee_30"
days = 30
notice = "late_fee"
announces = true
warn_first = true
warn_days = 7
charges = [ { kind = "percent", rate = "0.015" } ]

[[stages]]
id = "fee_60"
days = 60
notice = "late_fee"
announces = true
warn_first = true
warn_days = 7
charges = [ { kind = "percent", rate = "0.015" } ]

[[stages]]
id = "final_demand"
days = 90
notice = "final_demand"
final = true
respond_within_days = 10
"""


def ladder(tables: str = "", stages: str = STAGES) -> Policy:
    """The ladder, with tables of its own: `[dunning]`, `[cash]`, `[holds]`, ..."""
    return load(f'id = "story"\ncurrencies = ["USD"]\n{tables}\n{stages}'.encode())
