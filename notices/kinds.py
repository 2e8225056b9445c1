"""What sorts of notices there are: what each speaks of, how firmly, and in which forms.

A text belongs to one kind; the kind says which fields it may use, which parts it must
have (notices.lint) and as what it asks for permission (consent.rules). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from notices.fields import Subject


class Form(StrEnum):
    """What a text is written for. One written text serves e-mail and letter alike."""

    WRITTEN = "written"
    EMAIL = "email"
    LETTER = "letter"
    SMS = "sms"
    CALL = "call"
    POSTCARD = "postcard"
    INSERT = "insert"
    PUBLIC = "public"


# What texts are written in first; the other languages follow it.
SOURCE_LANGUAGE = "en"

# Forms that stand under a subject or heading.
TITLED = (Form.WRITTEN, Form.EMAIL, Form.LETTER, Form.PUBLIC)
# What each channel may be filled from, its own text before the common one.
FORMS_OF: dict[str, tuple[Form, ...]] = {
    "email": (Form.EMAIL, Form.WRITTEN),
    "letter": (Form.LETTER, Form.WRITTEN),
    "sms": (Form.SMS,),
    "call": (Form.CALL,),
    "postcard": (Form.POSTCARD,),
}


def channels_of(form: str) -> tuple[str, ...]:
    """Return what a text of that form is filled for, such as e-mail and letter for
    ``written``; a form that no channel carries is its own."""
    found = tuple(channel for channel, forms in FORMS_OF.items() if form in forms)
    return found or (str(form),)


class Firmness(IntEnum):
    """How firmly a notice asks: a text may grow no firmer than its kind."""

    NONE = 0
    FRIENDLY = 1
    REMINDER = 2
    FORMAL = 3
    FINAL = 4


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One sort of notice.

    ``subjects`` are what its fields come from; ``permission`` is the kind of
    consent.facts that the decision is asked about; ``is_open`` may be read by anybody,
    so it names no customer.
    """

    key: str
    label: str
    subjects: frozenset[Subject]
    permission: str
    firmness: Firmness = Firmness.NONE
    forms: frozenset[Form] = frozenset({Form.WRITTEN, Form.SMS})

    @property
    def is_dunning(self) -> bool:
        """Whether it asks for money that is owed."""
        return self.firmness > Firmness.NONE

    @property
    def is_change(self) -> bool:
        """Whether it tells of a change in bills or in who we are."""
        return Subject.CHANGE in self.subjects

    @property
    def binds(self) -> bool:
        """Whether it alters what firm and customer agreed, such as terms or where to
        pay, so that only Legal approves its texts."""
        return bool(self.subjects & {Subject.CHANGE, Subject.PAPERLESS})

    def fits(self, form: str) -> bool:
        """Whether a text of this kind may be written for that form."""
        written = {Form.EMAIL, Form.LETTER} if Form.WRITTEN in self.forms else set()
        return form in self.forms | written


_SPOKEN = frozenset({Form.WRITTEN, Form.SMS, Form.CALL})
_ANNOUNCED = frozenset({Form.WRITTEN, Form.SMS, Form.PUBLIC})


def _kind(
    key: str,
    label: str,
    *subjects: Subject,
    permission: str,
    firmness: Firmness = Firmness.NONE,
    forms: frozenset[Form] = frozenset({Form.WRITTEN, Form.SMS}),
) -> NoticeKind:
    return NoticeKind(key, label, frozenset(subjects), permission, firmness, forms)


def _change(key: str, label: str) -> NoticeKind:
    return _kind(
        key, label, Subject.CHANGE, permission="change_notice", forms=_ANNOUNCED
    )


def _asked(key: str, label: str, *forms: Form) -> NoticeKind:
    return _kind(key, label, permission="help_reply", forms=frozenset(forms))


_DEBT, _OVERDUE = Subject.DEBT, "overdue"
_PAPERLESS_FORMS = _SPOKEN | {Form.POSTCARD, Form.INSERT, Form.PUBLIC}

KINDS: dict[str, NoticeKind] = {
    kind.key: kind
    for kind in (
        _kind(
            "upcoming", "Upcoming payment", _DEBT, permission="reminder", forms=_SPOKEN
        ),
        _kind(
            "friendly",
            "Friendly reminder",
            _DEBT,
            permission="reminder",
            firmness=Firmness.FRIENDLY,
            forms=_SPOKEN,
        ),
        _kind(
            "reminder",
            "Reminder",
            _DEBT,
            permission="reminder",
            firmness=Firmness.REMINDER,
            forms=_SPOKEN,
        ),
        _kind(
            "call",
            "Invitation to talk",
            _DEBT,
            permission="reminder",
            firmness=Firmness.REMINDER,
            forms=_SPOKEN,
        ),
        _kind(
            "formal",
            "Formal reminder",
            _DEBT,
            permission=_OVERDUE,
            firmness=Firmness.FORMAL,
            forms=_SPOKEN,
        ),
        _kind(
            "final",
            "Final notice",
            _DEBT,
            permission=_OVERDUE,
            firmness=Firmness.FINAL,
            forms=_SPOKEN,
        ),
        _kind(
            "paperless",
            "Going paperless",
            Subject.PAPERLESS,
            permission="opt_in_request",
            forms=_PAPERLESS_FORMS,
        ),
        _kind(
            "paperless_stopped",
            "Paper has stopped",
            Subject.PAPERLESS,
            permission="change_notice",
        ),
        _change("payment_address", "New payment address"),
        _change("bank_details", "New bank details"),
        _change("minimum_payment", "New minimum payment"),
        _change("bill_date", "New bill date"),
        _change("amount", "New amount"),
        _change("terms", "New terms"),
        _change("procedure", "New procedure"),
        _change("our_details", "Our details changed"),
        _kind(
            "your_details",
            "Your details changed",
            Subject.DETAILS,
            permission="change_notice",
        ),
        _kind(
            "promise_confirmed",
            "Promise confirmed",
            Subject.PROMISE,
            permission="reminder",
        ),
        _kind(
            "promise_broken",
            "Promise missed",
            _DEBT,
            Subject.PROMISE,
            permission="reminder",
            firmness=Firmness.REMINDER,
            forms=_SPOKEN,
        ),
        _kind(
            "plan_confirmed",
            "Instalment plan confirmed",
            Subject.PLAN,
            permission="reminder",
        ),
        _kind(
            "part_payment",
            "Thanks for a part payment",
            _DEBT,
            Subject.PAYMENT,
            permission="reminder",
        ),
        _kind(
            "payment_thanks",
            "Thanks for a payment",
            Subject.PAYMENT,
            permission="reminder",
        ),
        _kind(
            "apology",
            "Apology for a wrong reminder",
            Subject.CORRECTION,
            permission="reminder",
        ),
        _kind("correction", "Correction", Subject.CORRECTION, permission="reminder"),
        _kind("appointment", "Appointment", Subject.VISIT, permission="reminder"),
        _kind("event", "Event", Subject.VISIT, permission="reminder", forms=_ANNOUNCED),
        # What agreeing to e-mail takes: a sample to open, and the receipt of it.
        # Answers to what a customer just asked for on a page. What agreeing to e-mail
        # takes: a sample to open, and the receipt of it.
        _asked("consent_sample", "Sample to open before agreeing", Form.EMAIL),
        _kind(
            "consent_receipt",
            "Receipt of a consent",
            permission="change_notice",
            forms=frozenset({Form.EMAIL}),
        ),
        _asked("fresh_link", "Fresh link", Form.EMAIL),
        _asked("confirm_address", "Confirm an address", Form.EMAIL, Form.SMS),
        _asked("address_asked", "A new address was given", Form.EMAIL, Form.SMS),
        _asked("own_copy", "Copy of one's own data", Form.EMAIL),
        # The two answers a machine may give to a text message.
        _kind(
            "stop_confirmation",
            "Confirmation of a STOP",
            permission="stop_confirmation",
            forms=frozenset({Form.SMS}),
        ),
        _kind(
            "help_reply",
            "Answer to HELP",
            permission="help_reply",
            forms=frozenset({Form.SMS}),
        ),
    )
}

# What a firm announces in its own words alone, such as a fault or a correction. No text
# of the library and no notice to one customer is of this kind.
NEWS = _kind("news", "Something else", permission="", forms=frozenset({Form.PUBLIC}))


def kind_of(key: str) -> NoticeKind | None:
    """Return the kind of a text or an announcement by its key, None for no such."""
    return NEWS if key == NEWS.key else KINDS.get(key)
