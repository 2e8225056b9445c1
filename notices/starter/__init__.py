"""The starter texts that come with Duly: polite, plain and whole, in English.

Each file is Markdown with Liquid fields, named ``key.form.md``; the form ``written``
serves e-mail and letter alike. What stands in the database is never edited: a changed
file becomes a new version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from notices.models import Channel, TemplateVersion
from notices.render import compile_version

FOLDER = Path(__file__).resolve().parent
LANGUAGE = "en"
FORMS: dict[str, tuple[Channel, ...]] = {
    "written": (Channel.EMAIL, Channel.LETTER),
    "sms": (Channel.SMS,),
    "call": (Channel.CALL,),
}
_SUBJECT = "Subject: "


@dataclass(frozen=True, slots=True)
class Starter:
    """One wording as it stands in the files."""

    key: str
    channel: Channel
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did."""

    new: int
    unchanged: int


def starters() -> Iterator[Starter]:
    """Yield every starter text, for each channel it serves, in a fixed order."""
    for path in sorted(FOLDER.glob("*.md")):
        key, form, _ = path.name.split(".")
        subject, body = _read(path.read_text(encoding="utf-8"))
        for channel in FORMS[form]:
            yield Starter(key, channel, subject, body)


def _read(source: str) -> tuple[str, str]:
    if not source.startswith(_SUBJECT):
        return "", source.strip() + "\n"
    subject, _, body = source.partition("\n")
    return subject.removeprefix(_SUBJECT).strip(), body.strip() + "\n"


@transaction.atomic
def install_starters() -> Installed:
    """Publish every starter text that differs from its latest published version.

    Safe to run at every start. Each text is compiled first, so that a fault shows
    here and not with the first customer.

    :raises TemplateError: a starter text does not compile.
    """
    latest = {
        (version.key, version.channel): version
        for version in TemplateVersion.objects.filter(language=LANGUAGE).order_by(
            "version"
        )
    }
    new = unchanged = 0
    for starter in starters():
        known = latest.get((starter.key, starter.channel))
        if known and (known.subject, known.body) == (starter.subject, starter.body):
            unchanged += 1
            continue
        version = TemplateVersion(
            key=starter.key,
            channel=starter.channel,
            language=LANGUAGE,
            version=known.version + 1 if known else 1,
            subject=starter.subject,
            body=starter.body,
        )
        compile_version(version)
        version.save(force_insert=True)
        new += 1
    return Installed(new=new, unchanged=unchanged)
