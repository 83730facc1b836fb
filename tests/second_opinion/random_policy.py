"""Random policies for the comparison with the second opinion. Imports no `chalicelib`."""

from __future__ import annotations

from tests.second_opinion.chance import Chance
from tests.second_opinion.random_charges import caps_and_interest, charges

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WATERFALL = ["collection_fee", "advanced", "principal", "interest", "late_fee", "compensation"]
YES_NO = ["true", "false"]


def quoted(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def random_policy(chance: Chance, currencies: list[str], seed: int) -> str:
    """A policy document that the product's loader takes."""
    lines = [f'id = "fuzz-{seed}"', f"currencies = {quoted(currencies)}", "", "[calendar]"]
    which = chance.choice([0, 0, 0, 1, 2, 3])
    if which != 3:
        days = [WEEK[:5], ["tue", "thu"], WEEK][which]
        lines.append(f"processing_days = {quoted(days)}")
    country = chance.choice(["US", "GB", "GB-ENG", "DE", ""])
    lines += [f'country = "{country}"', "", "[dunning]"]
    lines += _dunning(chance, currencies)
    interest = chance.of(0.6)
    lines += _stages(chance, currencies, interest=interest)
    lines += caps_and_interest(chance, interest=interest)
    lines += ["", "[cash]", *_cash(chance, currencies)]
    if chance.of(0.9):
        lines += ["", "[holds]", *_holds(chance, currencies)]
    if chance.of(0.8):
        grace = chance.choice([0, 1, 2, 3])
        waives = chance.choice(YES_NO)
        lines += ["", "[promises]", f"grace_days = {grace}", f"waives_fees = {waives}"]
        if chance.of(0.6):
            lines.append(f"max_broken = {chance.choice([1, 2])}")
            lines.append(f"broken_window_days = {chance.choice([30, 90, 180])}")
    return "\n".join(lines) + "\n"


def _dunning(chance: Chance, currencies: list[str]) -> list[str]:
    lines = []
    if chance.of(0.8):
        lines.append(f'catch_up = "{chance.choice(["step", "step", "jump"])}"')
    if chance.of(0.9):
        lines.append(f'onboarding = "{chance.choice(["silent", "latest", "full"])}"')
    if chance.of(0.8):
        lines.append(f"min_days_between_notices = {chance.choice([0, 1, 3, 6, 6, 10, 14])}")
    if chance.of(0.5):
        lines.append("warn_give_up_days = 30")
    if chance.of(0.7):
        lines.append(f"consolidate = {chance.choice(['true', *YES_NO])}")
    if chance.of(0.6):
        lines.append(f"count_from_delivery = {chance.choice(YES_NO)}")
    if chance.of(0.7):
        lines.append("minimum_past_due = " + chance.table(currencies, 5, 250))
    if chance.of(0.7):
        lines.append(f"max_contacts = {chance.choice([0, 1, 1, 2, 3, 7])}")
        if chance.of(0.8):
            lines.append(f"contact_window_days = {chance.choice([1, 3, 7, 14, 21])}")
    return lines


def _stages(chance: Chance, currencies: list[str], *, interest: bool) -> list[str]:
    scale = chance.choice([1, 1, 1, 0.5, 0.25])
    count = chance.whole(1, 5)
    days, lines, announced = 0, [], False
    for index in range(count):
        days += max(1, int(chance.whole(5, 30) * scale))
        last = index == count - 1
        stage, announces = _stage(chance, index, count, announced=announced)
        if (index or interest or not chance.of(0.6)) and chance.of(0.85):
            stage.append(f"charges = [ {', '.join(charges(chance, currencies, interest))} ]")
        if chance.of(0.15) or (last and chance.of(0.2)):
            stage.append(f"repeat_every_days = {chance.choice([3, 7, 10, 14, 30])}")
        lines += ["", "[[stages]]", f'id = "s{index}"', f"days = {days}", *stage]
        announced = announced or announces
    return lines


def _stage(chance: Chance, index: int, count: int, *, announced: bool) -> tuple[list[str], bool]:
    """The body of one stage without its charges, and whether it announces any."""
    last, lines = index == count - 1, []
    final = (last and chance.of(0.75)) or (index == count - 2 and chance.of(0.1))
    announces = not final and chance.of(0.65 if index else 0.85)
    notice = final or announces or chance.of(0.88)
    if notice:
        name = "final_demand" if final else chance.choice(["reminder", "late_fee"])
        lines.append(f'notice = "{name}"')
    if announces:
        lines.append("announces = true")
    if final:
        lines.append("final = true")
    if final and chance.of(0.85):
        lines.append(f"respond_within_days = {chance.choice([0, 3, 7, 10])}")
    if chance.of(0.3) and notice:
        lines.append("call = true")
    if announced and chance.of(0.65):
        lines.append("warn_first = true")
        if chance.of(0.9):
            lines.append(f"warn_days = {chance.choice([0, 1, 3, 7, 10])}")
    return lines, announces


def _cash(chance: Chance, currencies: list[str]) -> list[str]:
    lines = []
    if chance.of(0.6):
        waterfall = list(WATERFALL)
        if chance.of(0.6):
            chance.random.shuffle(waterfall)
        lines.append(f"waterfall = {quoted(waterfall)}")
    if chance.of(0.6):
        lines.append("short_payment_tolerance = " + chance.table(currencies, 0.5, 8))
        lines.append(f"write_off_short_payments = {chance.choice(['true', *YES_NO])}")
    if chance.of(0.85):
        lines.append(f"reverse_on_value_date = {chance.choice(['true', 'true', *YES_NO])}")
    return lines


def _holds(chance: Chance, currencies: list[str]) -> list[str]:
    lines = []
    if chance.of(0.7):
        lines.append(f"oldest_days_past_due = {chance.choice([5, 15, 30, 45, 60])}")
    if chance.of(0.7):
        lines.append("past_due_total = " + chance.table(currencies, 300, 8000))
    if chance.of(0.6):
        looked_at = chance.whole(1, 6)
        lines.append(f"late_of_last = [{chance.whole(1, looked_at)}, {looked_at}]")
    lines.append(f'release = "{chance.choice(["auto", "auto", "auto", "review"])}"')
    if chance.of(0.8):
        when = chance.choice(["nothing_past_due", "condition_cleared"])
        lines.append(f'release_when = "{when}"')
    if chance.of(0.7):
        lines.append("unanswered_final_demand = true")
    if chance.of(0.7):
        lines.append(f'onboarding = "{chance.choice(["review", "place"])}"')
    if chance.of(0.6):
        lines.append('never_by_rule = ["key"]')
    return lines
