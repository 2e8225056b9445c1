"""A customer before the consent page: what the firm tells, and each step on the way."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from consent.models import ConsentEvent, ConsentState, Demonstration, Disclosure
from consent.publishing import draft_set, key_of, publish_set
from consent.sample_codes import shown_code
from customers.models import Customer
from notices.models import Brand
from notices.starter import install_starters
from tests.factories import make_address
from tests.pages.opening import Opened, open_notice

TERMS = "https://northwind.example/terms"
CATEGORIES = ["bills", "reminders"]


def publish(brand: Brand, **changed: Any) -> list[Disclosure]:
    """Publish a new version of what a firm tells, as Duly ships it."""
    now = timezone.now()
    key = key_of(brand.key)
    drafts = draft_set(key=key, terms_url=TERMS, now=now, **changed)
    return publish_set(
        key=key,
        version=drafts[0].version,
        firm=brand.name,
        phone=brand.phone,
        fee_forbidden=False,
        by="lee",
        now=now,
        answers=lambda address: 200,
    )


@dataclass(frozen=True)
class Door:
    """A customer with a link to the page."""

    opened: Opened
    brand: Brand

    @property
    def customer(self) -> Customer:
        return Customer.objects.get(pk=self.opened.customer.pk)

    @property
    def path(self) -> str:
        return f"/c/{self.opened.token}"

    @property
    def disclosure(self) -> Disclosure:
        return Disclosure.objects.get(
            key=key_of(self.brand.key), language="en", state="published"
        )

    def get(self, more: str = "") -> str:
        """Return the page."""
        answer = Client().get(f"{self.path}{more}")
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def post(self, path: str = "", **fields: Any) -> Any:
        """Post a form of the page; ``form`` is new unless given."""
        given = {"form": str(uuid.uuid4()), "shown": self.disclosure.ref} | fields
        return Client().post(path or self.path, given)

    def choose(self, **fields: Any) -> Any:
        """Ask for the sample at the known address."""
        given = {"do": "sample", "categories": CATEGORIES, "where": "known"} | fields
        return self.post(**given)

    @property
    def sample(self) -> Demonstration:
        return Demonstration.objects.filter(customer=self.customer).latest("asked_at")

    @property
    def grant_path(self) -> str:
        """The page of the link in the sample."""
        from consent.links import mint

        return f"/c/{mint(self.sample.notice_reference).token}"

    @property
    def code(self) -> str:
        return shown_code(self.sample.notice_reference)

    def prove(self, **fields: Any) -> Any:
        """Type the code, and the postcode."""
        given = {"do": "prove", "code": self.code, "fact": "ls1 1aa"} | fields
        return self.post(self.grant_path, **given)

    def events(self) -> list[str]:
        """Return what is recorded of the customer, in its order."""
        return list(
            ConsentEvent.objects.filter(customer=self.customer)
            .order_by("seq")
            .values_list("state", flat=True)
        )

    def state(self) -> str:
        found = ConsentState.objects.filter(
            customer=self.customer, subject="e_delivery"
        ).first()
        return found.state if found else "none"


def open_door(*, now: dt.datetime | None = None, **customer: Any) -> Door:
    """Return a customer in Leeds, without a consent, whose firm has published what it
    tells."""
    install_starters(["en"])
    facts = {"e_delivery": False, "email": "ada@example.com", "name": "Ada"} | customer
    opened = open_notice(now=now, **facts)
    make_address(opened.customer)
    brand = opened.notice.stream.brand
    publish(brand)
    return Door(opened, brand)


def form_id_in(body: str) -> str:
    """Return the hidden number of the form on a page."""
    found = re.search(r'name="form"[^>]*value="([0-9a-f-]{36})"', body)
    assert found
    return found[1]
