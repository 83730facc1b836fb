"""What must hold between the stages of a policy (R2.1, R4.3, R4.8)."""

from __future__ import annotations

from chalicelib.core.policy_check_charges import check_charges
from chalicelib.core.policy_keys_stages import RESERVED_STAGE_IDS
from chalicelib.core.policy_reading import Reading, Section


def check_stages(stages: tuple[Section, ...], reading: Reading) -> None:
    """Note every fault between the stages of a policy and inside each."""
    _check_ids(stages, reading)
    _check_order(stages, reading)
    _check_warnings(stages, reading)
    for stage in stages:
        _check_repeat(stage, reading)
        check_charges(stage["charges"] or (), reading)


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
