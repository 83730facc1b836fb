"""Loads a policy document, or says everything that is wrong with it at once (R2.1)."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Container, Mapping
from datetime import date
from typing import Any

from chalicelib.core.errors import Fault, PolicyError
from chalicelib.core.policy import Policy
from chalicelib.core.policy_build import build_policy
from chalicelib.core.policy_check import check_policy
from chalicelib.core.policy_keys import POLICY
from chalicelib.core.policy_reading import (
    FAULTS_MAX,
    Reading,
    TooManyFaultsError,
    looks_like_country,
)
from chalicelib.core.policy_walk import read_table
from chalicelib.core.rates import RateTable

DOCUMENT_BYTES_MAX = 256 * 1024
VERSION_DIGITS = 12
PLACE = re.compile(r"\(at (.*)\)$")
# The deepest key has 4 names. One of thousands, a.a.a..., takes tomllib time by the square of them;
# dots that stand together are no key's.
DOTS_MAX = 500  # of a line; one of decimals may have many
DOTS_TOGETHER = re.compile(r"\.{2,}")


def load_policy(
    document: bytes,
    *,
    digits: Mapping[str, int],
    holidays_for: Callable[[str], Container[date] | None],
    rate_tables: Mapping[str, RateTable] | None = None,
    is_country: Callable[[str], bool] = looks_like_country,
) -> Policy:
    """Return the policy that a TOML document states; its version is of exactly these bytes (R2.1).

    Args:
        document: the file's bytes, UTF-8, at most 256 KiB.
        digits: how many decimals each currency of ISO 4217 has.
        holidays_for: the public holidays of a country or subdivision; None for one not known.
        rate_tables: the tables of reference rates that a policy may name, by their ids (R4.4).
        is_country: whether a code is one of ISO 3166-1 (R10.2).

    Raises:
        PolicyError: the document does not hold together; `faults` has every fault, each naming its
            key (the first 100, should there be more).
    """
    raw = _parse(document)
    tables = rate_tables or {}
    currencies = _listed_currencies(raw, digits)
    reading = Reading(digits, holidays_for, currencies, tables, is_country=is_country)
    try:
        section = read_table(POLICY, raw, "", reading)
        check_policy(section, reading)
    except TooManyFaultsError:
        said = f"this policy has more than {FAULTS_MAX} faults; the first {FAULTS_MAX} are:"
        raise PolicyError(said, reading.faults) from None
    if reading.faults:
        count = len(reading.faults)
        said = "this policy has a fault:" if count == 1 else f"this policy has {count} faults:"
        raise PolicyError(said, reading.faults)
    return build_policy(section, policy_version(document), digits, holidays_for, tables)


def policy_version(document: bytes) -> str:
    """Return the version of a document: the first 12 hex digits of its bytes' SHA-256 (R2.1)."""
    return hashlib.sha256(document).hexdigest()[:VERSION_DIGITS]


def _parse(document: bytes) -> dict[str, Any]:
    """Return the document as TOML reads it.

    Raises:
        PolicyError: it is too large, not UTF-8, or not TOML; the fault names the line.
    """
    if len(document) > DOCUMENT_BYTES_MAX:
        raise _unreadable("", "too_long", f"it is larger than {DOCUMENT_BYTES_MAX} bytes")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document.count(b"\n", 0, error.start) + 1
        detail = "is not UTF-8; save the file with that encoding"
        raise _unreadable(f"line {line}", "not_utf8", detail) from None
    for number, said in enumerate(text.split("\n"), 1):
        if said.count(".") > DOTS_MAX and DOTS_TOGETHER.sub("", said).count(".") > DOTS_MAX:
            detail = f"has more than {DOTS_MAX} dots; no key has so many names"
            raise _unreadable(f"line {number}", "toml_syntax", detail)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _unreadable("", "toml_syntax", "lists or tables are nested too deeply") from None
    except ValueError as error:  # tomllib's own error is one; a number of 5,000 digits is another
        found = PLACE.search(str(error))
        where = found.group(1) if found else ""
        detail = PLACE.sub("", str(error)).strip()
        raise _unreadable(where, "toml_syntax", f"this is not TOML: {detail}") from None


def _unreadable(where: str, code: str, detail: str) -> PolicyError:
    return PolicyError("this policy cannot be read:", [Fault(where, code, detail)])


def _listed_currencies(raw: dict[str, Any], digits: Mapping[str, int]) -> tuple[str, ...]:
    """Return the currencies that amounts are judged by; faults of the list come in their turn."""
    listed = raw.get("currencies")
    if not isinstance(listed, list):
        return ()
    return tuple(code for code in listed if isinstance(code, str) and code in digits)
