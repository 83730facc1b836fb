"""What random policies charge: kinds, bands, interest and caps. Imports no `chalicelib`."""

from __future__ import annotations

from tests.second_opinion.chance import Chance, in_major_units

FEES = ["flat", "percent", "tiered", "compensation"]
TABLES = ["gb_bank_rate", "ecb_mro", "de_basiszinssatz"]


def charges(chance: Chance, currencies: list[str], interest: bool) -> list[str]:
    """The charges of one stage, each as an inline table."""
    kinds = chance.sample(FEES, chance.choice([1, 1, 2]))
    if interest and chance.of(0.75):
        kinds = ["interest", *kinds] if chance.of(0.4) else ["interest"]
        if chance.of(0.5):
            kinds.reverse()
    return ["{ " + ", ".join(_charge(chance, currencies, kind)) + " }" for kind in kinds]


def _charge(chance: Chance, currencies: list[str], kind: str) -> list[str]:
    cells = [f'kind = "{kind}"']
    if kind == "flat":
        cells.append("amount = " + chance.table(currencies, 1, 60, 0))
    elif kind == "percent":
        cells.append(f'rate = "{_percent(chance)}"')
    elif kind != "interest":
        cells.append("bands = [ " + ", ".join(_bands(chance, currencies, kind)) + " ]")
    if kind != "interest" and chance.of(0.4):
        cells.append("min = " + chance.table(currencies, 1, 12))
    if chance.of(0.45 if kind != "interest" else 0.3):
        cells.append("max = " + chance.table(currencies, 13, 70))
    if chance.of(0.45 if kind != "interest" else 0.2):
        cells.append("skip_below = " + chance.table(currencies, 5, 200))
    if chance.of(0.12):
        cells.append(f'debtor_kind = "{chance.choice(["company", "natural_person"])}"')
    return cells


def _percent(chance: Chance) -> str:
    return chance.choice(["0.005", "0.015", "0.02", "0.0333", "0.08"])


def _bands(chance: Chance, currencies: list[str], kind: str) -> list[str]:
    """One to three bands, the last one open."""
    bands, count = [], chance.whole(1, 3)
    low: dict[str, int] = dict.fromkeys(currencies, 0)
    for number in range(count):
        cells = []
        if number < count - 1:
            low = {c: before + chance.money(20, 1500, c) for c, before in low.items()}
            below = ", ".join(f'{c} = "{in_major_units(amount, c)}"' for c, amount in low.items())
            cells.append(f"below = {{ {below} }}")
        said = "amount" if kind == "compensation" else chance.choice(["amount", "percent", "both"])
        if said != "percent":
            cells.append("amount = " + chance.table(currencies, 1, 60, 0))
        if said != "amount":
            cells.append(f'percent = "{_percent(chance)}"')
        bands.append("{ " + ", ".join(cells) + " }")
    return bands


def caps_and_interest(chance: Chance, *, interest: bool) -> list[str]:
    """The tables `[caps]` and `[interest]`; a rate never goes beyond the cap on rates."""
    lines, most = [], 1.0
    if chance.of(0.45 if interest else 0.7):
        total = chance.choice(["0.10", "0.05", "0.02", "", "0.25"])
        rate = chance.choice(["0.24", "0.12", "", "0.36", "0.18"])
        lines += ["", "[caps]", f'max_total_percent = "{total}"', f'max_annual_rate = "{rate}"']
        most = float(rate or 1)
    if not interest:
        return lines
    lines += ["", "[interest]"]
    rates = [r for r in ("0.05", "0.08", "0.1125", "0.18", "0.24", "0.60") if float(r) <= most]
    if chance.of(0.5):
        lines.append(f'annual_rate = "{chance.choice(rates)}"')
    else:
        mode = chance.choice(["locked", "floating_half_year"])
        margin = chance.choice(["0.08", "0.05"])
        lines += [f'table = "{chance.choice(TABLES)}"', f'margin = "{margin}"', f'mode = "{mode}"']
    if chance.of(0.7):
        lines.append(f'day_count = "{chance.choice(["actual/365", "actual/360", "30/360"])}"')
    if chance.of(0.4):
        lines.append(f"grace_days = {chance.choice([0, 5, 14, 30])}")
    if chance.of(0.7):
        lines.append(f"post_final = {chance.choice(['true', 'true', 'false'])}")
    return lines
