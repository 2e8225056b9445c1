"""The list of the texts that come with Duly: key, kind and title of each."""

from __future__ import annotations

# A key that is not here is a text of the firm's own.
TITLES: dict[str, tuple[str, str]] = {
    "upcoming": ("upcoming", "Upcoming payment"),
    "friendly": ("friendly", "Friendly reminder"),
    "reminder": ("reminder", "Reminder"),
    "call": ("call", "May we talk?"),
    "formal": ("formal", "Formal reminder"),
    "final": ("final", "Final notice"),
    "call-dispute": ("reminder", "Call: something is wrong with the bill"),
    "call-hardship": ("reminder", "Call: the customer is in difficulty"),
    "paperless-announcement": ("paperless", "Going paperless: announcement"),
    "paperless-postcard": ("paperless", "Going paperless: reminder postcard"),
    "paperless-last-call": ("paperless", "Going paperless: last call"),
    "paperless-insert-short": ("paperless", "Going paperless: bill message, short"),
    "paperless-insert-long": ("paperless", "Going paperless: bill message, long"),
    "paperless-stopped": ("paperless_stopped", "Paper has stopped"),
    "change-payment-address": ("payment_address", "New payment address"),
    "change-bank-details": ("bank_details", "New bank details"),
    "change-minimum-payment": ("minimum_payment", "New minimum payment"),
    "change-bill-date": ("bill_date", "New bill date"),
    "change-amount": ("amount", "New amount"),
    "change-terms": ("terms", "New terms"),
    "change-procedure": ("procedure", "New procedure"),
    "our-details": ("our_details", "Our details changed"),
    "your-details-new": ("your_details", "Your details changed: to the new address"),
    "your-details-old": ("your_details", "Your details changed: to the old address"),
    "promise-confirmed": ("promise_confirmed", "Promise confirmed"),
    "promise-broken": ("promise_broken", "Promise missed"),
    "plan-confirmed": ("plan_confirmed", "Instalment plan confirmed"),
    "part-payment": ("part_payment", "Thanks for a part payment"),
    "payment-thanks": ("payment_thanks", "Thanks for a payment"),
    "apology": ("apology", "Apology for a wrong reminder"),
    "correction": ("correction", "Correction"),
    "appointment": ("appointment", "Appointment"),
    "event": ("event", "Event"),
    "consent-sample": ("consent_sample", "E-mail instead of paper: the sample"),
    "consent-receipt": ("consent_receipt", "E-mail instead of paper: the receipt"),
    "fresh-link": ("fresh_link", "A fresh link, as asked for"),
    "confirm-address": ("confirm_address", "Please confirm this address"),
    "address-asked": ("address_asked", "A new address was given: to the old one"),
    "own-copy": ("own_copy", "A copy of one's own data is ready"),
    "stop-confirmation": ("stop_confirmation", "Answer to STOP"),
    "stop-confirmation-topic": ("stop_confirmation", "Answer to STOP of one topic"),
    "help-reply": ("help_reply", "Answer to HELP"),
}


def title_of(key: str) -> str:
    """Return the title of a text: ours, or its own key in words."""
    known = TITLES.get(key)
    return known[1] if known else key.replace("-", " ").capitalize()
