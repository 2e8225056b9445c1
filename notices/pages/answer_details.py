"""Which of a customer's details are wrong, and what is right.

Nothing is changed by it: what is given waits for staff. What we have is shown masked,
since whoever holds a link need not be the customer.
"""

from __future__ import annotations

from typing import Any

from django import forms

from customers.contact import ContactError, normalise_email
from customers.masks import HIDDEN, masked
from notices.answers import Given
from notices.models import Answer
from notices.pages.answer_form import AnswerForm, clean_phone

WHICH = ("email", "mobile", "landline", "address", "name", "other")
ADDRESS = ("line1", "line2", "postcode", "city")


class WhichForm(AnswerForm):
    """Which detail is wrong; it records nothing yet."""

    kind = Answer.Kind.DETAILS

    def build(self) -> None:
        self.fields["which"] = self.radio(
            "details_which", [(one, self.say(f"details_{one}")) for one in WHICH]
        )


class DetailForm(AnswerForm):
    """What one detail should be; an e-mail address is asked for twice."""

    kind = Answer.Kind.DETAILS
    which = ""

    def build(self) -> None:
        getattr(self, f"_build_{self.which}", self._build_other)()
        if self.which in self.fields:
            known = what_we_have(self, self.which)
            if known:
                self.fields[self.which].help_text = self.words.say(
                    "details_now", old=known
                )

    def _build_email(self) -> None:
        attrs = {"type": "email", "dir": "ltr"}
        for name, label in (("email", "new_email"), ("again", "new_email_again")):
            self.fields[name] = self.line(label, 254, auto="email", attrs=attrs)

    def _build_mobile(self) -> None:
        attrs = {"type": "tel", "dir": "ltr"}
        self.fields[self.which] = self.line("new_number", 40, auto="tel", attrs=attrs)

    _build_landline = _build_mobile

    def _build_address(self) -> None:
        for name, auto in zip(
            ADDRESS,
            ("address-line1", "address-line2", "postal-code", "address-level2"),
            strict=True,
        ):
            self.fields[name] = self.line(
                f"new_{name}", 20 if name == "postcode" else 120, auto=auto,
                required=name != "line2",
            )  # fmt: skip

    def _build_name(self) -> None:
        self.fields["name"] = self.line("new_name", 300, auto="name")

    def _build_other(self) -> None:
        self.fields["text"] = self.box("details_text", required=True)

    def clean_email(self) -> str:
        """Return the address in its normal form."""
        return self._email("email")

    def clean_again(self) -> str:
        """Return it once more."""
        return self._email("again")

    def _email(self, name: str) -> str:
        try:
            return normalise_email(self.cleaned_data[name])
        except ContactError as error:
            raise forms.ValidationError(self.say("not_an_address")) from error

    def clean_mobile(self) -> str:
        """Return the number in E.164."""
        return clean_phone(self, self.cleaned_data["mobile"])

    def clean_landline(self) -> str:
        """Return the number in E.164."""
        return clean_phone(self, self.cleaned_data["landline"])

    def clean(self) -> dict[str, Any]:
        """Refuse two addresses that differ."""
        cleaned = super().clean() or {}
        email, again = cleaned.get("email"), cleaned.get("again")
        if email and again and email != again:
            self.add_error("again", self.say("not_the_same"))
        return cleaned

    def given(self) -> Given:
        """Return the suggestion."""
        data = self.cleaned_data
        names = ADDRESS if self.which == "address" else (self.which,)
        new = {name: data[name] for name in names if data.get(name)}
        return Given(
            kind=self.kind,
            form_id=self.form_id,
            facts={"which": self.which, "new": new},
            text=data.get("text", ""),
        )


def what_we_have(form: AnswerForm, which: str) -> str:
    """Return what we have, enough to know it by and no more; empty for nothing."""
    customer = form.case.visit.customer
    if which == "name":
        return " ".join(f"{part[:1]}{HIDDEN}" for part in customer.name.split()[:3])
    points = customer.contact_points.filter(kind=which, is_primary=True)
    return masked(which, next((one.value for one in points), ""))
