"""The page of what was "sent" on this machine, and the letters as files."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local.outbox_page import (
    OutboxAttachment,
    OutboxEntry,
    OutputFolderError,
    file_stem,
    render_outbox,
    write_notices,
)


def entry(**changes: Any) -> OutboxEntry:
    values: dict[str, Any] = {
        "notice_id": "A1:USD:2026-03-18",
        "account_id": "A1",
        "account_name": "Brightline Interiors, Inc.",
        "kind": "late_fee",
        "stage": "late_fee_30",
        "created_on": date(2026, 3, 18),
        "currency": "USD",
        "digits": 2,
        "amount_minor": 2_050_606,
        "invoice_count": 6,
        "to": ("ap@brightline.example",),
        "subject": "Late fees of USD 198.45 added [ACC-4711]",
        "state": "sent",
        "text": "Dear Dana\n",
        "html": "<p>Dear Dana</p>\n",
    }
    return OutboxEntry(**(values | changes))


def test_the_page_shows_each_notice_with_account_amount_and_files() -> None:
    page = render_outbox([entry()], folder="notices")

    for shown in (
        "Brightline Interiors, Inc.",
        "USD 20,506.06",
        "Late fee notice",
        "6 invoices",
        'href="notices/A1_USD_2026-03-18.html"',
        'href="notices/A1_USD_2026-03-18.txt"',
    ):
        assert shown in page


def test_a_letter_about_a_plan_has_a_name_and_no_stage() -> None:
    page = render_outbox([entry(notice_id="A1:pln_1:plan_missed:2", kind="plan_missed", stage="")])

    assert page.count("Missed instalment") == 2  # of the letter, and of how many there are
    assert "stage" not in page


def test_newer_notices_stand_first() -> None:
    old = entry(notice_id="A1:USD:2026-03-11", created_on=date(2026, 3, 11), subject="the old one")
    new = entry(subject="the new one")

    page = render_outbox([old, new])

    assert page.index("the new one") < page.index("the old one")


def test_currencies_are_never_added_together() -> None:
    yen = entry(notice_id="A1:JPY:2026-03-18", currency="JPY", digits=0, amount_minor=5_000)

    page = render_outbox([entry(), entry(notice_id="A2:USD:2026-03-18"), yen])

    assert "41,012.12" in page
    assert "5,000" in page


def test_an_empty_outbox_says_so() -> None:
    assert "No notice has been made yet." in render_outbox([])


def test_names_from_the_ledger_cannot_become_markup() -> None:
    page = render_outbox([entry(account_name="<script>alert(1)</script>", subject='"><img src=x>')])

    assert "<script" not in page
    assert "<img" not in page


def test_every_notice_becomes_files_to_open(tmp_path: Path) -> None:
    attached = OutboxAttachment(filename="past-due-A1.csv", content=b"a,b\r\n")

    paths = write_notices(tmp_path / "out" / "notices", [entry(attachments=(attached,))])

    assert [path.name for path in paths] == [
        "index.html",
        "A1_USD_2026-03-18.html",
        "A1_USD_2026-03-18.txt",
        "A1_USD_2026-03-18.past-due-A1.csv",
    ]
    assert [path.read_bytes() for path in paths[1:]] == [
        b"<p>Dear Dana</p>\n",
        b"Dear Dana\n",
        b"a,b\r\n",
    ]
    assert all(f'href="{path.name}"' in paths[0].read_text("utf-8") for path in paths[1:])


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder", "utf-8")

    with pytest.raises(OutputFolderError, match="cannot write notices to"):
        write_notices(tmp_path / "out", [entry()])


@pytest.mark.parametrize(
    "notice_id", ["../../etc/passwd", "a/b", "..", "C:\\x", "ü", "x" * 300, ""]
)
def test_no_id_leads_out_of_the_folder(notice_id: str, tmp_path: Path) -> None:
    paths = write_notices(tmp_path / "notices", [entry(notice_id=notice_id)])

    assert {path.resolve().parent for path in paths} == {tmp_path.resolve() / "notices"}


@given(st.lists(st.text(alphabet="aAbB1:_-./é", max_size=6), unique=True, max_size=40))
def test_two_notices_never_share_a_file(notice_ids: list[str]) -> None:
    stems = [file_stem(notice_id).lower() for notice_id in notice_ids]

    assert len(set(stems)) == len(stems)
