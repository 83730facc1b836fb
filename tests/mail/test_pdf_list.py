"""The list of a letter as files: as the stage says, within what may be attached (R5.3, R11.5)."""

from __future__ import annotations

import csv
import io

import pytest
from chalicelib.flows.policies import shipped_document
from chalicelib.mail.pdf import list_pdf
from chalicelib.mail.render import attached, composed, render
from tests.flows.machine import NOTICE, Machine, with_notice
from tests.mail.build_letters import full_letter, long_letter
from tests.mail.build_plan_letters import broken_letter, missed_letter
from tests.mail.pages import pages


def kinds(letter: object, **options: int) -> list[str]:
    """The media types of what goes with a letter."""
    return [one.media_type for one in attached(composed(letter), **options)]  # type: ignore[arg-type]  # any letter


@pytest.mark.parametrize(
    ("attach", "files", "said"),
    [
        ((), [], ""),
        (("pdf",), ["application/pdf"], "attached as a PDF file"),
        (("csv",), ["text/csv"], "attached as a CSV file"),
        (("csv", "pdf"), ["application/pdf", "text/csv"], "as a PDF and as a CSV file"),
    ],
)
def test_a_stage_says_what_goes_with_its_letters(
    attach: tuple[str, ...], files: list[str], said: str
) -> None:
    rendered = render(full_letter(attach=attach))

    assert [one.media_type for one in rendered.attachments] == files
    assert said in " ".join(rendered.text.split())
    assert said in rendered.html
    assert ("is attached" in rendered.html) is bool(files)


@pytest.mark.parametrize("attach", [(), ("pdf",), ("csv",)])
def test_above_200_invoices_the_csv_goes_whatever_the_stage_says(attach: tuple[str, ...]) -> None:
    assert "text/csv" in kinds(long_letter(201, attach=attach))


def test_a_pdf_that_is_too_large_gives_way_to_the_csv() -> None:
    letter = full_letter(attach=("pdf",))

    assert kinds(letter) == ["application/pdf"]
    assert kinds(letter, bytes_max=1_000) == ["text/csv"]


def test_a_list_that_nobody_would_read_on_paper_is_no_pdf() -> None:
    done = composed(full_letter())

    assert list_pdf(done, invoices_max=6) is not None
    assert list_pdf(done, invoices_max=5) is None


def test_a_letter_without_a_list_has_nothing_to_attach() -> None:
    assert kinds(missed_letter(attach=("pdf", "csv"))) == []
    assert kinds(broken_letter(attach=("pdf",))) == ["application/pdf"]


def test_the_pdf_lists_what_the_csv_lists() -> None:
    as_pdf, as_csv = render(full_letter(attach=("pdf", "csv"))).attachments

    said = " ".join(" ".join(pages(as_pdf.content)).split())

    rows = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    assert len(rows) > 10
    for row in rows:
        assert row["invoice_id"] in said
        amount = row["amount_due"] if row["record"] != "disputed" else row["disputed"]
        assert f"{float(amount):,.2f}" in said
    assert as_pdf.filename == "invoices-4711-2026-03-18.pdf"


def test_a_policys_stage_sends_its_list_along() -> None:
    machine = Machine()
    document = shipped_document("standard").replace(
        b'notice = "reminder"\n', b'notice = "reminder"\nattach = ["pdf", "csv"]\n', 1
    )
    machine.registry.put_policy("standard", document)

    with_notice(machine).deliver.deliver("A1", NOTICE)

    [sent] = machine.mailer.tried
    assert [one.filename for one in sent.attachments] == [
        "invoices-A1-2024-03-18.pdf",
        "past-due-A1-2024-03-18.csv",
    ]
    assert "I1" in pages(sent.attachments[0].content)[0]


def test_with_nobody_to_write_to_the_pages_to_post_are_kept() -> None:
    machine = with_notice(email="")

    machine.deliver.deliver("A1", NOTICE)

    content, media_type = next(
        file for key, file in machine.archive.files.items() if key.endswith(".pdf")
    )
    assert media_type == "application/pdf"
    assert "Customer A1" in pages(content)[0]
