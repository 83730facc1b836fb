"""An account's evidence: what is in the archive, and that it is of one state, once and whole."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.errors import NotFoundError, StaleVersionError
from chalicelib.core.facts import Payment
from chalicelib.flows import evidence_gather
from chalicelib.flows.evidence import export_account
from chalicelib.flows.evidence_files import (
    FILES_MAX,
    EvidenceFiles,
    EvidenceTooLargeError,
    cell,
    major,
)
from chalicelib.flows.ports import Change, Loaded, LogLines, Page
from tests.api.lent import lent, posted_at_30_days
from tests.fakes_store import MemoryAccounts
from tests.flows.evidence_bench import ASKED, exported, folders, opened, sources, with_a_letter
from tests.flows.machine import TODAY, Machine, invoice


def paid(payment_id: str, minor: int) -> Payment:
    return Payment(TODAY, payment_id, TODAY, "USD", minor)


def test_the_same_state_gives_the_same_bytes() -> None:
    machine = with_a_letter()

    first, second = exported(machine), exported(machine)

    assert first.exported.content == second.exported.content
    assert first.exported.sha256 == hashlib.sha256(first.exported.content).hexdigest()


def test_the_instant_of_the_export_is_in_two_files_alone() -> None:
    machine = with_a_letter()
    later = replace(ASKED, at=ASKED.at + timedelta(hours=1))

    one, two = exported(machine), opened(export_account(sources(machine), "A1", later))

    differing = {name for name in one.files if one.files[name] != two.files[name]}
    assert differing == {"README.txt", "manifest.json", "SHA256SUMS"}


def test_the_ledger_has_every_entry_with_its_running_balance() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.take_in("A1", paid("P1", 400_00))

    archive = exported(machine)

    rows = archive.rows("ledger.csv")
    assert [(row["kind"], row["effect"], row["balance"]) for row in rows] == [
        ("invoice", "1000.00", "1000.00"),
        ("payment", "-400.00", "600.00"),
    ]
    [balance] = archive.rows("balance.csv")
    assert (balance["ledger_balance"], balance["open_balance"], balance["holds"]) == (
        "600.00", "600.00", "yes",
    )  # fmt: skip
    assert archive.exported.is_sound


def test_an_entry_that_is_missing_is_said_loudly() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.take_in("A1", paid("P1", 400_00))
    machine.accounts.kept["A1"].log.pop()  # nobody can, and if somebody did

    archive = exported(machine)

    assert archive.exported.out_of_balance == ("USD",)
    assert not archive.exported.is_sound
    assert "ATTENTION" in archive.text("README.txt")
    assert "THE TWO DO NOT AGREE" in archive.text("balance.txt")


def test_a_closed_invoice_is_there_with_where_its_money_came_from() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 5))
    machine.take_in("A1", paid("P1", 1_000_00))

    archive = exported(machine)

    assert [(row["invoice_id"], row["status"]) for row in archive.rows("invoices.csv")] == [
        ("I1", "closed"), ("I2", "open"),
    ]  # fmt: skip
    [part] = archive.rows("allocations.csv")
    assert (part["id"], part["invoice_id"], part["what"], part["amount"]) == (
        "P1", "I1", "principal", "1000.00",
    )  # fmt: skip


def test_interest_is_added_up_again_from_its_segments() -> None:
    archive = exported(posted_at_30_days())

    [charge] = archive.rows("charges.csv")
    assert (charge["amount"], charge["recomputed"], charge["check"]) == ("3.60", "3.60", "same")
    assert charge["rules"] == "R4.1 R4.3 R4.5"
    [segment] = archive.rows("interest_segments.csv")
    assert (segment["days"], segment["base"], segment["rate_per_cent"]) == ("30", "365.00", "12")
    assert segment["interest_unrounded"] == "3.600000"
    [values] = archive.json("charges.json")
    assert values["rule"]["charges_of_the_stage"][0]["kind"] == "interest"


def test_a_charge_that_its_figures_do_not_give_is_told() -> None:
    machine = posted_at_30_days()
    kept = machine.accounts.kept["A1"]
    one = kept.account.invoices["I1"]
    wrong = one.having(charges=(replace(one.charges[0], amount_minor=4_00, open_minor=4_00),))
    kept.account = replace(kept.account, invoices={"I1": wrong})

    archive = exported(machine)

    [charge] = archive.rows("charges.csv")
    assert (charge["amount"], charge["recomputed"], charge["check"]) == ("4.00", "3.60", "differs")
    assert not archive.exported.is_sound


def test_a_letter_is_there_as_it_was_sent_with_the_proof_of_its_delivery() -> None:
    machine = with_a_letter()

    archive = exported(machine)

    [folder] = folders(archive)
    assert folder == "letters/0001_2024-03-18_reminder"
    [mail] = machine.mailer.tried
    assert archive.text(f"{folder}/attempt-1/letter.html") == mail.html
    assert archive.text(f"{folder}/attempt-1/letter.txt") == mail.text
    delivery = archive.json(f"{folder}/delivery.json")
    assert delivery["counts_as_sent"]
    assert [one["what"] for one in delivery["what_happened"]] == [
        "notice_sent", "notice_delivered", "notice_counted",
    ]  # fmt: skip
    [addressee] = delivery["addressees"]
    assert (addressee["contact_id"], addressee["is_the_address_of_now"]) == ("jo", True)
    assert delivery["copies"][0]["digest_check"] == "same"
    assert archive.exported.checks["letters"] == {"same": 1}


def test_a_letter_that_was_changed_since_is_told() -> None:
    machine = with_a_letter()
    for key, (content, media_type) in list(machine.archive.files.items()):
        if key.endswith(".txt"):
            changed = content.replace(b"1,000.00", b"9,000.00")
            machine.archive.files[key] = (changed, media_type)

    archive = exported(machine)

    assert archive.exported.checks["letters"] == {"differs": 1}
    assert "1 of the letters differ" in archive.text("README.txt")


def test_letters_and_calls_are_in_the_list_of_contacts() -> None:
    [sent, delivered] = exported(with_a_letter()).rows("calls_and_contacts.csv")

    assert (sent["channel"], sent["outcome"], sent["contact_id"]) == ("email", "sent", "jo")
    assert (delivered["outcome"], delivered["at"]) == ("delivered", "2024-03-18T05:00:00Z")


def test_no_cell_is_a_formula_and_json_has_the_text_as_it_is() -> None:
    machine = with_a_letter()
    machine.take_in("A1", replace(paid("P1", 1_00), reference="=HYPERLINK(1)"))

    archive = exported(machine)

    assert archive.json("account.json")["details"]["name"] == "=1+1 Trading"
    assert archive.rows("payments.csv")[0]["reference"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "\uff1d1", "\t1", "\r1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert [cell(major(-1_005, code)) for code in ("USD", "JPY", "KWD")] == [
        "-10.05", "-1005", "-1.005",
    ]  # fmt: skip


def test_the_policy_that_acted_is_there_with_its_document_and_in_words() -> None:
    archive = exported(with_a_letter())

    rows = [row for row in archive.rows("policies.csv") if row["policy"] == "standard"]
    assert rows
    assert 'id = "standard"' in archive.text(rows[0]["document"])
    assert "This policy" in archive.text(rows[0]["document"].replace(".toml", ".txt"))


def test_a_rate_table_that_interest_rests_on_is_there_with_its_source() -> None:
    machine = lent(40, policy_id="uk-statutory")
    machine.decide("A1")

    archive = exported(machine)

    assert archive.json("rates/gb_bank_rate.json")["source"].startswith("https://")


def test_nothing_of_another_account_is_in_it() -> None:
    machine = with_a_letter()
    machine.take_in("ZEBRA-9", invoice("ZEBRA-INVOICE", 15), name="Zebra Ltd")
    machine.decide("ZEBRA-9")

    archive = exported(machine)

    assert [name for name, content in archive.files.items() if b"zebra" in content.lower()] == []


def test_every_file_is_in_the_list_of_digests() -> None:
    archive = exported(with_a_letter())

    lines = [line.split("  ") for line in archive.text("SHA256SUMS").splitlines()]
    said = {name: digest for digest, name in lines}

    assert said == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in archive.files.items()
        if name != "SHA256SUMS"
    }


def test_there_is_no_evidence_of_an_account_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        exported(Machine(), "A9")


class Busy(MemoryAccounts):
    """Accounts that somebody books on, each time that one is read: `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__(4)
        self.times = times

    def timeline(self, account_id: str, before: str, limit: int) -> Page[LogLines]:
        found = super().timeline(account_id, before, limit)
        if self.times:
            self.times -= 1
            loaded: Loaded = self.load(account_id)
            details = replace(loaded.account.details, email=f"{self.times}@customer.example")
            self.commit(Change(loaded, replace(loaded.account, details=details), TODAY))
        return found


def busy(times: int) -> Machine:
    machine = Machine(accounts=Busy(0))
    machine.take_in("A1", invoice("I1", 15))
    machine.accounts.times = times  # type: ignore[attr-defined]  # of Busy
    return machine


def test_what_changes_while_it_is_read_is_read_again() -> None:
    archive = exported(busy(2))

    account = archive.json("account.json")
    assert (account["details"]["email"], account["version"]) == ("0@customer.example", 3)


def test_an_account_that_never_rests_is_left_for_later() -> None:
    with pytest.raises(StaleVersionError):
        exported(busy(3))


def test_more_than_an_archive_may_hold_is_refused() -> None:
    files = EvidenceFiles()
    files._bytes = 500_000_000

    with pytest.raises(EvidenceTooLargeError, match="500,000,000 bytes unpacked"):
        files.add("one", b"1")


def test_limits_are_of_what_programs_that_unpack_it_take() -> None:
    assert evidence_gather.LETTERS_MAX * 20 < FILES_MAX < 65_535


def test_the_readme_says_of_what_there_is_none() -> None:
    archive = exported(with_a_letter())

    lines = {line.split()[0]: line for line in archive.text("README.txt").splitlines() if line}

    assert lines["rates/"].endswith("(none here)")
    assert lines["placements/"].endswith("(none here)")
    assert "(none here)" not in lines["letters/"]
