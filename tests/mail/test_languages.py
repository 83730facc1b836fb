"""Every language is whole: its files, labels and macros, and what its letters must and must not say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from importlib import resources
from typing import Any

import pytest
from chalicelib.core.workings import Arithmetic
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import (
    CHARGE_NAMES,
    STAGE_NAMES,
    UNAPPLIED_KINDS,
    Announcement,
    ChargeLimit,
    ComingBand,
    ComingCharge,
    ComingRate,
    Consequence,
    ConsequenceKind,
    InvoiceStage,
    NoticeKind,
)
from chalicelib.mail.formats import plain_spaces
from chalicelib.mail.looks import LOOKS
from chalicelib.mail.render import LANGUAGES, PHRASES, composed, phrases, render
from chalicelib.mail.sayings import environment, labels_of, texts
from jinja2.runtime import Macro
from tests.mail.build_account_letters import ACCOUNT_SAMPLES
from tests.mail.build_letters import (
    CONTRACT,
    charge,
    final_letter,
    full_letter,
    interest,
    invoice,
    letter,
    small_letter,
    statutory_letter,
)
from tests.mail.build_plan_letters import PLAN_SAMPLES
from tests.mail.build_statements import usual

TEMPLATES = resources.files("chalicelib.mail") / "templates"
LOCALES = {"en": "en_US", "de": "de_DE", "es": "es_ES", "fr": "fr_FR"}
# What no reminder may say, and what a final demand does say. A new language needs its own words.
THREATS = {
    "en": ("agency", "stop shipping", "court", "legal", "lawyer", "final"),
    "de": (
        *("inkasso", "gericht", "anwalt", "anw\u00e4lt", "rechtlich", "rechtsweg", "klage"),
        *("mahnbescheid", "vollstreck", "auskunftei", "letzte", "letztmal", "liefer", "vorkasse"),
    ),
    "es": (
        *("agencia", "suspend", "juzgado", "tribunal", "judicial", "abogado", "legal"),
        *("demanda", "embargo", "moroso", "anticipado", "\u00faltimo requerimiento"),
    ),
    "fr": (
        *("mise en demeure", "soci\u00e9t\u00e9 de recouvrement", "tribunal", "judiciaire"),
        *("avocat", "huissier", "commissaire", "contentieux", "poursui", "injonction"),
        *("derni\u00e8re demande", "dernier avis", "juridique", "saisie", "livrai", "suspen"),
    ),
}
every_language = pytest.mark.parametrize("language", LANGUAGES)


def in_language(sample: Any, language: str) -> Any:
    return replace(sample, locale=LOCALES[language])


def files_of(language: str) -> set[str]:
    return {one.name for one in (TEMPLATES / language).iterdir()}


def macros_of(language: str, file: str) -> dict[str, tuple[str, ...]]:
    template = environment(escaped=False).get_template(f"{language}/{file}")
    module = template.make_module({})
    found = vars(module).items()
    return {name: tuple(macro.arguments) for name, macro in found if isinstance(macro, Macro)}


def test_english_is_there() -> None:
    assert "en" in LANGUAGES


@every_language
def test_a_language_has_every_file_of_english(language: str) -> None:
    assert files_of("en") <= files_of(language)


@every_language
def test_a_language_has_every_label_of_english(language: str) -> None:
    """It may have more of its own, for its texts."""
    assert labels_of("en").keys() <= labels_of(language).keys()
    assert all(text.strip() for text in labels_of(language).values())


def spoken() -> set[str]:
    """The macros that every language must have: those that layouts and code say things with."""
    layouts = [one for one in TEMPLATES.iterdir() if one.is_file()]
    modules = [one for one in resources.files("chalicelib.mail").iterdir() if one.is_file()]
    sources = (one.read_text("utf-8") for one in (*layouts, *modules))
    return {name for text in sources for name in re.findall(r"\bsay\.(\w+)", text)} | {*PHRASES}


@every_language
def test_a_language_has_every_macro_that_layouts_say_things_with(language: str) -> None:
    """Under the same arguments; what only a language's own texts use is its own matter."""
    files = sorted(name for name in files_of("en") if name.startswith("_"))
    needed = {file: macros_of("en", file) for file in files}

    for file in files:
        own = macros_of(language, file)
        public = {name: arguments for name, arguments in needed[file].items() if name in spoken()}
        assert {name: own.get(name) for name in public} == public, file
    assert spoken() <= {name for macros in needed.values() for name in macros}


@every_language
def test_every_code_has_its_label(language: str) -> None:
    labels = labels_of(language)

    assert {f"charge_{name}" for name in CHARGE_NAMES} <= labels.keys()
    assert {f"stage_{name}" for name in STAGE_NAMES} <= labels.keys()
    assert {f"unapplied_{name}" for name in UNAPPLIED_KINDS} <= labels.keys()


@every_language
def test_every_letter_has_its_text(language: str) -> None:
    assert LOOKS.keys() <= texts(language)
    assert "late_fee_second" in texts(language)


FEW = Decimal("0.02")
BAND = ComingBand(below_minor=None, amount_minor=5_00, percent=FEW)
COMING = [
    ComingCharge(kind="flat", amount_minor=15_00),
    ComingCharge(kind="percent", rate=FEW, min_minor=5_00, max_minor=50_00),
    ComingCharge(kind="tiered", is_banded=True, bands=(BAND,)),
    ComingCharge(kind="tiered", is_banded=True, bands=(replace(BAND, below_minor=9_00), BAND)),
    ComingCharge(kind="tiered", is_banded=True),
    ComingCharge(kind="compensation", amount_minor=40_00),
    ComingCharge(
        kind="compensation", is_banded=True, bands=(replace(BAND, below_minor=9_00), BAND)
    ),
    ComingCharge(kind="interest", interest=CONTRACT, max_minor=90_00),
    *(
        ComingCharge(
            kind="interest",
            interest=ComingRate(figure=figure, title="Bank Rate", margin=FEW, current=current),
        )
        for figure, current in ((FEW, None), (None, FEW), (None, None))
    ),
]
BASE = Arithmetic(15_00, 1_000_00, Decimal("0.015"))
ARITHMETIC: list[dict[str, Any]] = [
    {"kind": "percent", "arithmetic": BASE},
    {"kind": "flat", "arithmetic": Arithmetic(15_00, fixed_minor=15_00)},
    {"kind": "tiered", "arithmetic": BASE},
    {"kind": "tiered", "arithmetic": replace(BASE, fixed_minor=5_00)},
    {"kind": "tiered", "arithmetic": replace(BASE, rate=Decimal(0), fixed_minor=15_00)},
    {"kind": "compensation", "arithmetic": Arithmetic(15_00, 1_000_00, fixed_minor=15_00)},
    {"kind": "collection_fee", "arithmetic": BASE},
    {"kind": "percent", "arithmetic": replace(BASE, raised_to_minor=20_00)},
    {"kind": "percent", "arithmetic": replace(BASE, again_minor=2_00)},
    {"kind": "percent", "arithmetic": BASE, "reversed_minor": 1_00, "waived_minor": 2_00},
    interest((1_000_00, 50)),
    interest(*[(1_000_00, days) for days in range(1, 9)], before_minor=5_00),
    *(
        {"kind": kind, "arithmetic": replace(BASE, limited_to_minor=5_00), "capped_by": cap}
        for kind in ("percent", "interest")
        for cap in ("max", "max_total_percent", "max_annual_rate")
    ),
]


def lines_of(changes: dict[str, Any], language: str) -> str:
    one = charge("I1", 15_00, **changes)
    sample = letter(invoice("I1", 31, 100_000, charges=(one,)), kind=NoticeKind.LATE_FEE)
    return str(composed(in_language(sample, language)).say.charge(one))


@every_language
def test_every_way_a_charge_is_worked_out_is_told_apart(language: str) -> None:
    told = [lines_of(changes, language) for changes in ARITHMETIC]

    assert len(set(told)) == len(told) - 1  # a fee by bands of none but a rate is told as a rate
    assert not any("None" in line or "  " in line or " ," in line for line in told)


@every_language
def test_every_charge_that_can_come_is_announced_in_its_own_words(language: str) -> None:
    told = []
    for one in COMING:
        announced = Announcement(
            days_past_due=30, charges=(one,), first_on=date(2026, 4, 2), every_days=15,
            limit=ChargeLimit(percent=FEW, annual_rate=FEW),
        )  # fmt: skip
        sample = in_language(small_letter(announcements=(announced,)), language)
        told.append(phrases(sample)["announced"])

    assert len(set(told)) == len(told)
    assert not any("None" in text or "  " in text or " ," in text for text in told)


@every_language
def test_every_consequence_and_stage_is_said_in_its_own_words(language: str) -> None:
    done = composed(in_language(small_letter(), language))
    kinds = [Consequence(kind=kind) for kind in ConsequenceKind]
    fees = [
        Consequence(kind=ConsequenceKind.AGENCY, fee_percent=FEW, fee_max_minor=most)
        for most in (None, 5_000_00)
    ]

    told = [done.say.consequence(one) for one in (*kinds, *fees)]
    stages = [done.say.stage(InvoiceStage(name=name, days=45)) for name in STAGE_NAMES]

    assert len(set(told)) == len(told)
    assert all("45" in stage for stage in stages)


DUNNING = {
    "reminder": small_letter(),
    "late fee": full_letter(),
    "first fee": small_letter(kind=NoticeKind.LATE_FEE),
    "second notice": full_letter(text="late_fee_second"),
    "interest": statutory_letter(),
    "final demand": final_letter(),
    "final demand without a date": final_letter(respond_by=None, consequences=()),
    "charges alone": letter(other_charges=full_letter().other_charges),
}


@every_language
@pytest.mark.parametrize("sample", DUNNING.values(), ids=DUNNING.keys())
def test_a_subject_names_the_amount_and_the_reference(sample: Letter, language: str) -> None:
    done = composed(in_language(sample, language))

    assert plain_spaces(done.formats.money(sample.total_minor)) in done.words.subject
    assert f"[{sample.reference}]" in done.words.subject


@every_language
@pytest.mark.parametrize("sample", PLAN_SAMPLES.values(), ids=PLAN_SAMPLES.keys())
def test_a_letter_about_a_plan_names_an_amount_and_the_reference(
    sample: Any, language: str
) -> None:
    done = composed(in_language(sample, language))

    assert sample.currency in done.words.subject
    assert f"[{sample.reference}]" in done.words.subject


@every_language
def test_a_final_demand_has_date_amount_consequences_and_contact(language: str) -> None:
    sample = in_language(final_letter(), language)
    done = composed(sample)
    rendered = render(sample)

    said = " ".join((*done.words.opening, *done.words.next))
    assert done.formats.long_day(sample.respond_by) in said.replace("\u00a0", " ")
    assert done.formats.money(sample.total_minor) in said
    for page in (" ".join(rendered.text.split()), plain_spaces(unescape(rendered.html))):
        for consequence in done.values["consequences"]:
            assert plain_spaces(consequence) in page
    contact = " ".join(done.words.contact)
    assert sample.collector.name in contact
    assert sample.reference in contact


@every_language
def test_a_reminder_threatens_nobody_and_a_final_demand_names_what_follows(language: str) -> None:
    early, last = (
        render(in_language(one, language)).text.lower() for one in (small_letter(), final_letter())
    )

    assert [word for word in THREATS[language] if word in early] == []
    assert [word for word in THREATS[language] if word in last] != []


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
@pytest.mark.parametrize("sample", [*DUNNING.values(), *PLAN_SAMPLES.values()])
def test_no_paragraph_is_left_in_english(sample: Any, language: str) -> None:
    own, english = (composed(in_language(sample, one)).words for one in (language, "en"))

    assert own.title != english.title
    for name in ("opening", "next", "contact"):
        assert not set(getattr(own, name)) & set(getattr(english, name))


def test_german_has_no_letter_that_readers_in_switzerland_do_not_write() -> None:
    texts_of_german = [one.read_text("utf-8") for one in (TEMPLATES / "de").iterdir()]

    assert [text for text in texts_of_german if "\u00df" in text] == []


@pytest.mark.parametrize("sample", [*DUNNING.values(), *PLAN_SAMPLES.values()])
def test_german_goes_on_in_lower_case_after_the_comma_of_its_greeting(sample: Any) -> None:
    greeting, first = composed(in_language(sample, "de")).words.opening[:2]

    assert greeting.endswith(",")
    assert first[0].islower() or first[0].isdigit() or first.startswith(("Ihr ", "Rate "))


# A mark that French sets off, behind anything but a no-break space; a word that a vowel shortens.
UNTYPED = re.compile(r"[^\u00a0][:;?!\u00bb]|\u00ab[^\u00a0]|'|  ")
UNELIDED = re.compile(
    r"\b(?:[dljnst]e|la|que) [aeiouy\u00e0\u00e9\u00e8\u00ea\u00ee]", re.IGNORECASE
)
FRENCH = {**DUNNING, **PLAN_SAMPLES, **ACCOUNT_SAMPLES, "statement": usual()}


def faults_of_french(text: str) -> list[str]:
    return UNTYPED.findall(text) + UNELIDED.findall(text)


@pytest.mark.parametrize(
    "text", ["Date: 1", "Date : 1", "de int\u00e9r\u00eats", "l'acompte", "\u00aba\u00a0\u00bb"]
)
def test_a_fault_of_french_is_found(text: str) -> None:
    assert faults_of_french(text) != []


@pytest.mark.parametrize("sample", FRENCH.values(), ids=FRENCH.keys())
def test_french_is_spaced_and_elided_as_it_is_printed(sample: Any) -> None:
    words = composed(replace(sample, locale="fr_CA")).words
    said = (words.title, words.headline, *words.opening, *words.next, *words.contact)

    assert [fault for text in said for fault in faults_of_french(text)] == []
    assert [fault for text in labels_of("fr").values() for fault in faults_of_french(text)] == []


@pytest.mark.parametrize("changes", ARITHMETIC)
def test_a_line_of_french_arithmetic_is_spaced_as_it_is_printed(changes: dict[str, Any]) -> None:
    assert faults_of_french(lines_of(changes, "fr")) == []


def test_a_french_reader_is_told_how_many_in_the_right_number() -> None:
    """Below two is singular: one and a half percentage points are no plural."""
    rate = ComingRate(figure=FEW, title="Taux", margin=Decimal("0.015"))
    announced = Announcement(
        days_past_due=1, charges=(ComingCharge(kind="interest", interest=rate),),
        first_on=date(2026, 4, 1), every_days=1,
    )  # fmt: skip
    sample = in_language(small_letter(announcements=(announced,)), "fr")
    said = plain_spaces(phrases(sample)["announced"])

    assert "non sold\u00e9e 1 jour apr\u00e8s" in said
    assert "plus 1,5 point de pourcentage" in said
    assert "chaque jour" in said
    assert "au plus t\u00f4t le 1er avril 2026" in said


def test_a_letter_has_the_text_that_its_stage_asks_for() -> None:
    assert render(full_letter(text="late_fee_second")).subject == (
        "Second notice: USD 20,506.06 overdue on 6 invoices, 2 late fees of USD 198.45 in total"
        " added [ACC-4711]"
    )


@pytest.mark.parametrize("text", ["no_such_text", "plan_agreed", "_common", "../en/reminder", ""])
def test_a_text_that_is_none_of_its_own_falls_back_to_that_of_the_notice(text: str) -> None:
    assert render(full_letter(text=text)) == render(full_letter())


def test_who_signs_when_nobody_is_known_is_the_sellers_department() -> None:
    sample = small_letter(collector=replace(small_letter().collector, name=""))

    assert "or call Accounts receivable on" in plain_spaces(render(sample).text).replace("\n", " ")


def test_phrases_are_plain_sentences() -> None:
    assert phrases(full_letter()) == {
        "greeting": "Dear Dana Whitfield,",
        "announced": phrases(full_letter())["announced"],
        "added": "2 late fees of USD\u00a0198.45 in total",
        "on_what": "on 6 invoices",
        "reach": "reply to this e-mail or call Maria Lopez on"
        " +1\u00a0503\u00a0555\u00a00178. Please quote ACC-4711.",
    }
