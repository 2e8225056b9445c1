"""Texts on top of the scene: a pair of languages, two versions, and hostile words."""

from __future__ import annotations

from datetime import timedelta

ENGLISH = (
    "{% greeting %}\n\n"
    "We have not yet seen your payment of {{ total }}. Please pay it by "
    "{{ pay_by }}.\n\n"
    "{% key_facts %}\n\n"
    "## How to pay\n\n{% payment_details %}\n\n{% contact %}\n\n{% signature %}\n"
)
SMS = (
    "{{ brand.name }}: “{{ total }}” is still to pay… Please pay by "
    "{{ pay_by | short }}, Łódź office: {{ brand.phone }}. " + "Thank you. " * 8
)
HOSTILE = "<script>document.title = 'run'</script>"


def build() -> str:
    """Write the texts, and return the secret of a reader's link."""
    from django.utils import timezone

    from notices import readers, wordings
    from notices.models import TemplateVersion
    from notices.starter import install_starters

    install_starters(["en"])
    now = timezone.now()
    identity = wordings.Identity("own-reminder", "reminder", "written", "en")
    first = wordings.draft(
        identity=identity, subject="Your bill of {{ total }}", body=ENGLISH,
        note="First words.", by="ann", now=now - timedelta(days=9),
    )  # fmt: skip
    TemplateVersion.objects.filter(pk=first.pk).update(
        state="approved", approved_by="bea", published_at=now
    )
    TemplateVersion.objects.create(
        key="own-reminder", channel="written", language="pl",
        subject="Rachunek na {{ total }}",
        body="Prosimy o zapłatę {{ total }} do {{ pay_by }}.\n",
        state="approved", published_at=now, created_by="ola",
        translated_from_id=first.pk,
    )  # fmt: skip
    second = wordings.draft(
        identity=identity,
        subject="Your bill of {{ total }} is late",
        body=ENGLISH.replace("We have not yet seen", "We are still waiting for"),
        note=f"Clearer. {HOSTILE}",
        by="ann",
        now=now,
    )
    wordings.draft(
        identity=wordings.Identity("own-sms", "reminder", "sms", "en"),
        subject="", body=SMS, note="x" * 300, by="ann", now=now,
    )  # fmt: skip
    wordings.draft(
        identity=wordings.Identity("x" * 60, "reminder", "call", "en"),
        subject="", body="Hello {{ customer.name }}.\n", note="", by="ann", now=now,
    )  # fmt: skip
    token = readers.ask_to_read(
        version=second, reader=f"Rita {HOSTILE}"[:120], days=7, by="ann", now=now
    )
    return token
