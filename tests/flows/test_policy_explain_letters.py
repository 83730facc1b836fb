"""What `explain` says of letters beside notices and statements."""

import pytest
from tests.flows.test_policy_explain import part

CONFIRMED = "A promise to pay is confirmed by a letter"
TOLD = "The customer is told by a letter when shipments stop or need payment in advance"
THANKED = "When a case that was reminded of closes because it was paid, a letter says thank you"


@pytest.mark.parametrize(
    ("keys", "said", "unsaid", "missing"),
    [
        ("", [], [CONFIRMED, TOLD, THANKED], "promises to pay, credit holds or paid cases"),
        ("promise = true", [CONFIRMED], [TOLD, THANKED], "credit holds or paid cases"),
        ("hold = true", [TOLD], [CONFIRMED, THANKED], "promises to pay or paid cases"),
        ("promise = true\nhold = true", [CONFIRMED, TOLD], [THANKED], "paid cases"),
    ],
)
def test_a_policy_says_which_letters_go_and_which_do_not(
    keys: str, said: list[str], unsaid: list[str], missing: str
) -> None:
    letters = part("Letters", f"[letters]\n{keys}\n")

    assert all(words in letters for words in said)
    assert not any(words in letters for words in unsaid)
    assert f"No letters go about {missing}." in letters


def test_a_policy_that_sends_them_all_leaves_none_out() -> None:
    letters = part("Letters", "[letters]\npromise = true\nhold = true\nthank_you = true\n")

    assert THANKED in letters
    assert "No letters go" not in letters


def test_a_stage_says_its_words_whom_it_reaches_and_what_goes_with_it() -> None:
    stage = """
        [[stages]]
        id = "late"
        days = 60
        notice = "late_fee"
        text = "late_fee_second"
        role = "owner"
        copy_sales_owner = true
        attach = ["pdf", "csv"]
    """

    said = part("Stage late, 60 days past due", stage)

    assert 'It is in the words of the text "late_fee_second"; where there is none' in said
    assert "the contacts with the role owner, else with the role admin, else to any other" in said
    assert "The account's sales owner gets a copy." in said
    assert "The list of what is past due goes with it as PDF and CSV." in said


def test_a_stage_that_says_nothing_of_its_letter_is_not_told_of_it() -> None:
    said = part("Stage reminder, 15 days past due", "")

    assert "letter" in said
    assert not any(words in said for words in ("words of the text", "role", "copy", "goes with it"))
