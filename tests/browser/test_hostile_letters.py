"""Names that attack a letter's page: nothing runs, nothing is loaded, the layout holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chalicelib.flows.letter_parts import PaymentInstruction
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.mail.render import render
from tests.browser.window import COLOUR_RULES, EVERY_RULE, Window
from tests.mail.build_letters import (
    COLLECTOR,
    SELLER,
    final_letter,
    invoice,
    small_letter,
)
from tests.mail.build_plan_letters import COVERS, plan_letter

SCRIPT = (
    "\"'><script>alert(1)</script><img src=//evil.example onerror=alert(2)><svg onload=alert(3)>"
)
STYLE = '</style></title></td></table></div><style>body{background:url(//evil.example)}</style>"'
UNBROKEN = "Donaudampfschifffahrt" * 10
RIGHT_TO_LEFT = "Brightline \u202e.cnI ,sroiretnI\u2066 \u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0633"
MARKS = "a\u0300\u0301\u0302" * 50 + "\u200b\u200d\ufeff\x00\x1b[31m"
HOSTILE = {
    "markup": SCRIPT,
    "style": STYLE,
    "unbroken": UNBROKEN,
    "right_to_left": RIGHT_TO_LEFT,
    "marks": MARKS,
}


def hostile(letter: AnyLetter, name: str) -> AnyLetter:
    """Return the letter with the name wherever a name goes."""
    return replace(
        letter,
        account_name=name,
        contact_name=name,
        reference=name,
        seller=replace(SELLER, name=name, address_lines=(name,), phone=name),
        collector=replace(COLLECTOR, name=name, email=f"{name}@x.example", phone=name),
        payment=(PaymentInstruction(label=name[:40], value=name),),
    )


def letters(name: str) -> dict[str, AnyLetter]:
    line = invoice(name, 20, 5_000, po_number=name)
    covered = replace(COVERS[0], invoice_id=name, po_number=name)
    return {
        "reminder": hostile(small_letter(invoices=(line,), total_minor=5_000), name),
        "final_demand": hostile(final_letter(), name),
        "plan_agreed": hostile(plan_letter(covers=(covered, COVERS[1])), name),
    }


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("kind", ["reminder", "final_demand", "plan_agreed"])
def test_a_hostile_name_is_words_and_nothing_else(window: Window, kind: str, name: str) -> None:
    letter = render(letters(name)[kind])

    window.show(letter.html, width=320)

    assert window.troubles == []
    page = window.page
    assert page.locator("script, img, svg, style ~ style").count() == 0
    assert page.locator("[onerror], [onload], [href^=javascript]").count() == 0
    assert page.locator("h1").count() == 1
    assert window.too_wide() == []


@pytest.mark.parametrize("name", [UNBROKEN, RIGHT_TO_LEFT], ids=["unbroken", "right_to_left"])
def test_a_hostile_name_puts_up_no_barrier(window: Window, name: str) -> None:
    html = render(letters(name)["final_demand"]).html

    window.show(html)
    by_day = window.barriers(EVERY_RULE)
    window.show(html, scheme="dark")

    assert by_day == []
    assert window.barriers(COLOUR_RULES) == []


def test_a_name_from_right_to_left_turns_no_amount_around(window: Window) -> None:
    window.show(render(letters(RIGHT_TO_LEFT)["reminder"]).html)

    total = window.page.locator("tr.t > td").first
    left = total.evaluate(
        """(cell) => { const range = document.createRange(); const text = cell.firstChild;
        return [0, text.length - 1].map((at) => { range.setStart(text, at);
        range.setEnd(text, at + 1); return range.getBoundingClientRect().left; }); }"""
    )
    assert left[0] < left[1]
