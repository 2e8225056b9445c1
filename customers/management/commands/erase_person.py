"""``manage.py erase_person``: a person gone, with what law keeps left behind."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from customers.acting import acting_as
from customers.erased import erased_among, number_print
from customers.erasing import Erased, ErasureRefused, erase_person, hinders
from customers.models import Customer, Erasure


class Command(BaseCommand):
    """Asks once more unless told --yes, and says exactly what changed."""

    help = (
        "Erase a customer: names, addresses and words go, amounts and the history of "
        "consents stay without them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="The customer's number.")
        parser.add_argument("--yes", action="store_true", help="Do not ask once more.")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number: str = options["number"]
        customer = Customer.objects.filter(number=number).first()
        if customer is None:
            self._erased_before(number, as_json=options["json"])
            return
        reasons = hinders(customer)
        if reasons:
            raise CommandError(_refusal(number, reasons))
        if not options["yes"] and not self._confirmed(number):
            raise CommandError("Nothing was changed.")
        who = f"command ({getpass.getuser()})"
        try:
            with acting_as(who):
                done = erase_person(customer=customer, asked_by=who, now=timezone.now())
        except ErasureRefused as refused:
            raise CommandError(_refusal(number, refused.reasons)) from refused
        self._say(done.changed, as_json=options["json"])

    def _erased_before(self, number: str, *, as_json: bool) -> None:
        day = erased_among([number]).get(number)
        if day is None:
            raise CommandError(f"There is no customer {number}. Nothing was changed.")
        if not as_json:
            self.stdout.write(f"Customer {number} was erased on {day}.")
        # What came in since then, such as a late reply, goes as well.
        self._say(_again(number).changed, as_json=as_json)

    def _confirmed(self, number: str) -> bool:
        try:
            typed = input(f"This cannot be undone. Type {number} to erase them: ")
        except EOFError:
            return False
        return typed.strip() == number

    def _say(self, changed: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            total = sum(changed.values())
            self.stdout.write(json.dumps({"changed": changed, "rows": total}))
        elif not changed:
            self.stdout.write("Nothing was left to erase.")
        else:
            for table, rows in changed.items():
                self.stdout.write(f"{rows:>7}  {table}")


def _again(number: str) -> Erased:
    known = Erasure.objects.get(number_print=number_print(number))
    customer = Customer.objects.filter(pk=known.whose).first()
    if customer is None:
        return Erased(known.whose, {})
    return erase_person(customer=customer, asked_by=known.asked_by, now=timezone.now())


def _refusal(number: str, reasons: list[str]) -> str:
    why = " ".join(reasons)
    return f"Customer {number} cannot be erased yet. {why} Nothing was changed."
