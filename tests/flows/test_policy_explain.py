"""`explain` says in plain sentences what a policy does, with figures from the code that charges."""

import pytest
from chalicelib.flows.policies import load, shipped_ids
from chalicelib.flows.policy_explain import Explained, explain

STAGES = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
announces = true
"""


def said_of(more: str) -> tuple[Explained, ...]:
    """What is said of a small policy with `more` behind its one stage."""
    return explain(load(f'id = "p"\ncurrencies = ["USD", "JPY"]\n{STAGES}{more}'.encode()))


def sentences(more: str) -> str:
    """All that is said of it, one sentence a line."""
    return "\n".join(sentence for said in said_of(more) for sentence in said.sentences)


def part(title: str, more: str) -> str:
    """What is said of it under one title."""
    return "\n".join(s for said in said_of(more) if said.title == title for s in said.sentences)


REPEATED = """
[[stages]]
id = "fee"
days = 30
notice = "late_fee"
call = true
repeat_notice = true
"""


def with_charge(charge: str) -> str:
    return f'[[stages]]\nid = "fee"\ndays = 30\ncharges = [{{ {charge} }}]\n'


@pytest.mark.parametrize("policy_id", shipped_ids())
def test_every_part_of_a_shipped_policy_is_said_in_whole_sentences(policy_id: str) -> None:
    for said in explain(load(policy_id)):
        assert said.sentences, said.title
        for sentence in said.sentences:
            assert sentence[0].isupper()
            assert sentence.endswith(".")


@pytest.mark.parametrize("policy_id", shipped_ids())
def test_nothing_in_a_shipped_policy_is_worth_a_second_look(policy_id: str) -> None:
    assert "Worth a second look" not in {said.title for said in explain(load(policy_id))}


def test_each_charge_has_a_worked_example() -> None:
    said = sentences(with_charge('kind = "percent", rate = "0.015"'))

    assert "It charges 1.5% of the invoice's undisputed open principal." in said
    assert "nothing charged before: 1.5% of USD 10,000.00 = 150.00." in said


def test_a_limit_is_shown_on_an_invoice_that_is_large_enough() -> None:
    said = sentences(with_charge('kind = "percent", rate = "0.015", max = { USD = "500.00" }'))

    assert "The charge is never more than USD 500.00." in said
    assert "1.5% of USD 1,000,000.00 = 15,000.00, limited by max to 500.00." in said


def test_the_examples_count_what_earlier_stages_charged() -> None:
    said = sentences(
        with_charge('kind = "percent", rate = "0.06"')
        + '[[stages]]\nid = "again"\ndays = 60\ncharges = [{ kind = "percent", rate = "0.06" }]\n'
        + '[caps]\nmax_total_percent = "0.10"\n'
    )

    assert (
        "60 days past due, USD 600.00 charged before: 6% of USD 10,000.00 = 600.00, limited by "
        "max_total_percent to 400.00." in said
    )


def test_a_flat_charge_names_the_amount_in_each_currency() -> None:
    said = sentences(with_charge('kind = "flat", amount = { USD = "15.00", JPY = "1500" }'))

    assert "It charges USD 15.00 or JPY 1,500 for each invoice." in said


@pytest.mark.parametrize(
    ("waterfall", "expected"),
    [
        (
            '["principal"]',
            "No payment ever pays collection fees, interest, late fees or compensation",
        ),
        ('["principal"]', "it is paid with the other principal"),
        ('["late_fee"]', "A payment pays principal only on invoices that it names."),
        ('["advanced"]', "A payment pays principal that is not advanced only on invoices"),
    ],
)
def test_the_cash_order_says_what_it_never_pays(waterfall: str, expected: str) -> None:
    assert expected in part("Money in", f"[cash]\nwaterfall = {waterfall}\n")


def test_the_whole_cash_order_leaves_nothing_out() -> None:
    assert "never pays" not in part("Money in", "")


@pytest.mark.parametrize(
    ("title", "more", "expected"),
    [
        ("Caps", "", "There is no cap"),
        ("Caps", '[caps]\nmax_annual_rate = "0.24"\n', "never exceeds 24% a year"),
        ("Interest", "", "No interest terms"),
        ("Interest", '[interest]\nannual_rate = "0.12"\n', "The rate is 12% a year."),
        (
            "Interest",
            '[interest]\ntable = "gb_bank_rate"\nmargin = "0.08"\nmode = "locked"\n',
            'The rate is that of the table "gb_bank_rate" (Bank of England Bank Rate) plus 8%, locked',
        ),
        ("Credit holds", "", "No rule places a credit hold."),
        ("Credit holds", "[holds]\noldest_days_past_due = 45\n", "45 days past due or more"),
        ("Statements", "", "No statements are sent."),
        ("Statements", "[statements]\nmonthly = 22\n", "On the 22nd of each month"),
        ("Letters", "", "Letters leave as soon as they are decided, at any time of day."),
        (
            "Letters",
            '[sending]\nfrom = "09:00"\nuntil = "16:30"\n',
            "Letters leave from 09:00 until 16:30, spread evenly",
        ),
        ("Agencies", "", "No account is placed with an agency"),
        ("Days", "", "happen on every day of the week;"),
        ("Days", '[calendar]\ncountry = "US"\n', "except on public holidays of US"),
        ("Between stages", '[dunning]\ncatch_up = "jump"\n', "in one run, with one notice"),
        ("Between stages", "[dunning]\nmin_days_between_notices = 0\n", "need no interval"),
        ("Safety", "", "more than 20% of the open invoices"),
        ("Cases", "", "A case opens when an invoice that is past due has reached a stage"),
        ("Cases", "", "is closed when nothing is past due any more; open charges alone do not"),
        ("Cases", '[case]\nopens = "first_run_of_month"\n', "on a month's first day on which"),
        ("Disputes", "", "resolved 14 days after it was opened"),
        ("Disputes", "", "returned_goods or awaiting_credit belong to the sales owner"),
        ("Disputes", '[disputes]\nowners = { pricing = "kim" }\n', "pricing belong to kim"),
        ("Stage fee, 30 days past due", REPEATED, "The same notice comes again on each later day"),
        ("Stage fee, 30 days past due", REPEATED, "the next business day after each notice"),
    ],
)
def test_each_part_says_what_its_keys_mean(title: str, more: str, expected: str) -> None:
    assert expected in part(title, more)


FINAL = '[[stages]]\nid = "last"\ndays = 90\nnotice = "final_demand"\nfinal = true\n'


@pytest.mark.parametrize(
    ("title", "more", "expected"),
    [
        (
            "Between stages",
            "",
            "A notice waits until the one before it in its currency is at least 6 days old.",
        ),
        ("Between stages", "[dunning]\nconsolidate = false\n", "before it about its invoice is"),
        (
            "Between stages",
            FINAL,
            "A final notice does not wait for an ordinary one of an earlier day, only until the "
            "final one before it in its currency is that old.",
        ),
        (
            "Between stages",
            '[dunning]\nminimum_past_due = { USD = "10.00" }\n',
            "An account of which less than USD 10.00 is demandable in a currency is not dunned",
        ),
        (
            "Credit holds",
            "[holds]\noldest_days_past_due = 45\n",
            "once no past-due invoice of the account has anything demandable any more",
        ),
        (
            "Credit holds",
            '[holds]\npast_due_total = { USD = "10.00" }\n',
            "what is demandable of it, open charges included, comes to USD 10.00 or more",
        ),
        (
            "Credit holds",
            "[holds]\nbroken_plan = true\n",
            "An account is put on credit hold when it breaks a payment plan.",
        ),
        (
            "Credit holds",
            '[holds]\noldest_days_past_due = 45\nnotify = "cs@example.com"\n',
            "Each change of credit status, and each temporary release, is told to cs@example.com, "
            "once.",
        ),
        ("Safety", "", "would settle more than 20% of the open invoices waits for approval"),
        (
            "Stage fee, 30 days past due",
            with_charge('kind = "percent", rate = "0.1", skip_below = { USD = "25.00" }'),
            "Nothing is charged while less than USD 25.00 of undisputed principal is open.",
        ),
    ],
)
def test_a_part_says_only_what_is_so(title: str, more: str, expected: str) -> None:
    assert expected in part(title, more)


@pytest.mark.parametrize(
    ("title", "more"),
    [
        ("Credit holds", "[holds]\noldest_days_past_due = 45\n"),
        ("Promises", "[promises]\nmax_broken = 2\n"),
        ("Collectors", "[people]\nmax_attempts = 5\n"),
        ("Payment plans", "[plans]\nmax_missed = 2\n"),
        ("Disputes", "[disputes]\ndue_days = 7\n"),
    ],
)
def test_what_is_acted_on_is_not_put_off(title: str, more: str) -> None:
    assert "yet" not in part(title, more)


def test_without_a_final_stage_nothing_is_said_of_final_notices() -> None:
    assert "final" not in part("Between stages", "")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            '[[stages]]\nid = "b"\ndays = 30\nnotice = "final"\n',
            'Stage "b" has the notice "final", but no letter of that name is shipped',
        ),
        ('[[stages]]\nid = "b"\ndays = 30\ncall = true\n', "has call but no notice"),
        ('[[stages]]\nid = "b"\ndays = 30\nfinal = true\n', "is final but has no notice"),
        (
            '[[stages]]\nid = "b"\ndays = 30\nnotice = "r"\nfinal = true\nrepeat_notice = true\n',
            "each with another date for the answer",
        ),
        ('[[stages]]\nid = "b"\ndays = 30\nwarn_days = 7\n', "warn_days without warn_first"),
        ('[[stages]]\nid = "b"\ndays = 30\nrespond_within_days = 7\n', "but is not final"),
        (
            '[[stages]]\nid = "b"\ndays = 30\nnotice = "final_demand"\nfinal = true\n',
            'Stage "b" is final without respond_within_days: its letter names no date',
        ),
        (
            '[[stages]]\nid = "b"\ndays = 30\nnotice = "late_fee"\ntext = "final_demand"\n',
            'Stage "b" writes a final demand but is not final',
        ),
        (
            '[[stages]]\nid = "b"\ndays = 30\nnotice = "final_demand"\n',
            'Stage "b" writes a final demand but is not final',
        ),
        ('[[stages]]\nid = "b"\ndays = 18\n', "sooner than min_days_between_notices (6 days)"),
        (
            '[[stages]]\nid = "b"\ndays = 22\nwarn_first = true\nwarn_days = 10\n',
            "but its warn_days is 10",
        ),
        (with_charge('kind = "percent", rate = "0.1"'), "charges without warn_first"),
        ("[cash]\nwrite_off_short_payments = true\n", "nothing is written off"),
        ("[holds]\nunanswered_final_demand = true\n", "never holds anyone"),
        ('[dunning]\nminimum_past_due = { USD = "10.00" }\n', "has no bound in JPY"),
    ],
)
def test_what_is_allowed_but_odd_is_worth_a_second_look(more: str, expected: str) -> None:
    assert expected in part("Worth a second look", more)


def test_default_terms_are_said_with_an_example() -> None:
    explained = explain(
        load(f'id = "p"\ncurrencies = ["USD"]\nterms = "eom+30"\n{STAGES}'.encode())
    )

    assert (
        "terms eom+30: one issued on 2026-06-15 is due on 2026-07-30." in explained[0].sentences[-1]
    )


def test_a_policy_without_terms_says_nothing_of_them() -> None:
    assert "terms" not in part("This policy", "")
