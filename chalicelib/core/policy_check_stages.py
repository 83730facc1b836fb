"""What must hold between stages, and between the keys of a charge (R2.1, R4.1, R4.3, R4.8)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy_keys_stages import RESERVED_STAGE_IDS
from chalicelib.core.policy_reading import Reading, Section

# Which keys of a charge belong to which kinds; the others belong to all.
KINDS_OF_KEY = {
    "amount": ("flat",),
    "rate": ("percent",),
    "bands": ("tiered", "compensation"),
}


def check_stages(stages: tuple[Section, ...], reading: Reading) -> None:
    """Note every fault between the stages of a policy and inside each."""
    _check_ids(stages, reading)
    _check_order(stages, reading)
    _check_warnings(stages, reading)
    for stage in stages:
        _check_repeat(stage, reading)
        charges = stage["charges"] or ()
        _check_twice(charges, reading)
        for charge in charges:
            _check_charge(charge, reading)


def _check_ids(stages: tuple[Section, ...], reading: Reading) -> None:
    seen: set[str] = set()
    for number, stage in enumerate(stages, 1):
        stage_id = stage["id"]
        if stage_id in RESERVED_STAGE_IDS:
            reading.bad(
                stage.at("id"),
                "reserved",
                f'"{stage_id}" is kept for interest that is posted after payment; take another',
            )
        elif stage_id in seen:
            reading.bad(stage.at("id"), "twice", f"stage {number} has the id of a stage before it")
        if stage_id is not None:
            seen.add(stage_id)


def _check_order(stages: tuple[Section, ...], reading: Reading) -> None:
    highest = 0
    for stage in stages:
        days = stage["days"]
        if days is None:
            continue
        if days <= highest:
            reading.bad(
                stage.at("days"),
                "not_ascending",
                f"must be above {highest}, the days of a stage before it, not {days}",
            )
        highest = max(highest, days)


def _check_warnings(stages: tuple[Section, ...], reading: Reading) -> None:
    announced = False
    for stage in stages:
        if stage["warn_first"] and not announced:
            reading.bad(
                stage.at("warn_first"),
                "no_warning",
                "needs an earlier stage whose notice announces charges (announces = true)",
            )
        if stage["announces"]:
            announced = True
            if "notice" not in stage.given:
                reading.bad(
                    stage.at("announces"),
                    "no_notice",
                    "needs a notice on the stage: without one there is no letter to announce in",
                )
        # A key that was written but refused is not held against later stages as well.
        announced = announced or ("announces" in stage.given and stage["announces"] is None)


def _check_repeat(stage: Section, reading: Reading) -> None:
    if stage["repeat_notice"] and "notice" not in stage.given:
        reading.bad(
            stage.at("repeat_notice"),
            "no_notice",
            "needs a notice on the stage: without one there is no letter to send again",
        )


def _check_twice(charges: tuple[Section, ...], reading: Reading) -> None:
    seen: set[str] = set()
    for charge in charges:
        kind = charge["kind"]
        if kind in seen:
            reading.bad(
                charge.at("kind"),
                "twice",
                f'is the second charge of kind "{kind}" in this stage; a stage has one of each',
            )
        if kind is not None:
            seen.add(kind)


def _check_charge(charge: Section, reading: Reading) -> None:
    kind = charge["kind"]
    if kind is None:
        return
    for where, code, detail in (*_needs(charge, kind, reading), *_strays(charge, kind)):
        reading.bad(where, code, detail)
    for currency, low in (charge["min"] or {}).items():
        high = (charge["max"] or {}).get(currency)
        if high is not None and low > high:
            where = f"{charge.at('min')}.{currency}"
            reading.bad(where, "min_above_max", f"is above max, which is the limit in {currency}")


def _needs(charge: Section, kind: str, reading: Reading) -> Iterator[tuple[str, str, str]]:
    if kind == "percent" and "rate" not in charge.given:
        yield charge.at("rate"), "missing", "is needed for a charge of kind percent"
    if kind != "flat":
        return
    if "amount" not in charge.given:
        yield charge.at("amount"), "missing", "is needed for a charge of kind flat"
    elif charge["amount"] is not None:
        for currency in reading.currencies:
            if currency not in charge["amount"]:
                where = f"{charge.at('amount')}.{currency}"
                yield where, "missing", f"is needed: the policy is also for {currency}"


def _strays(charge: Section, kind: str) -> Iterator[tuple[str, str, str]]:
    for name, kinds in KINDS_OF_KEY.items():
        if name in charge.given and kind not in kinds:
            of = " or ".join(kinds)
            yield charge.at(name), "stray", f"belongs to charges of kind {of}, not {kind}"
