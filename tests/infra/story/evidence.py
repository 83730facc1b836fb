"""An account exported as evidence, and a contact of it erased afterwards."""

from __future__ import annotations

from urllib.request import urlopen

from chalicelib.flows.evidence_verify import verify

from tests.infra.story.customer import AT, CUSTOMERS
from tests.infra.story.seller import WHY, Seller, good


def tell(seller: Seller) -> None:
    """Export all about an account, check it as whoever receives it would, and erase a person."""
    all_about_the_account_is_exported_as_evidence(seller)
    a_contact_is_erased(seller)


def all_about_the_account_is_exported_as_evidence(seller: Seller) -> None:
    asked = seller.anna.post(f"{AT}/evidence", WHY | {"recipient": "Lindholm & Partners"})
    seller.settle()

    done = good(seller.bert.get(f"{AT}/evidence/{good(asked)['evidence_id']}"))

    found = verify(urlopen(done["archive"]["url"], timeout=10).read())
    assert (found.faults, found.account_id) == ((), CUSTOMERS[0])
    assert (found.sha256, done["result"]["is_sound"]) == (done["result"]["sha256"], True)
    assert done["result"]["checks"]["letters"]["same"] >= 1


def a_contact_is_erased(seller: Seller) -> None:
    """Letters greeted her: what was kept of that apart is removed in every version."""
    asked = seller.anna.post(f"{AT}/contacts/jo/erase", WHY)
    seller.settle()

    job = good(seller.bert.get(f"/v1/jobs/{good(asked)['job_id']}"))
    assert job["state"] == "done", job
