"""The texts that come with Duly: polite, plain and whole, in seven languages.

Each file is Markdown with Liquid fields, ``<language>/<key>.<form>.md``. What stands
in the database is never edited: a changed file becomes a new version, unless the firm
has published a wording of its own since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from notices.kinds import Form
from notices.models import TemplateVersion
from notices.render import compile_version
from notices.starter.catalogue import TITLES

FOLDER = Path(__file__).resolve().parent
# Whoever publishes what comes with Duly.
AUTHOR = "Duly"
_SUBJECT = "Subject: "


@dataclass(frozen=True, slots=True)
class Starter:
    """One wording as it stands in the files."""

    key: str
    kind: str
    form: Form
    language: str
    subject: str
    body: str

    def as_version(self, version: int = 1) -> TemplateVersion:
        """Return it as an unsaved draft."""
        return TemplateVersion(
            key=self.key,
            kind=self.kind,
            channel=self.form.value,
            language=self.language,
            version=version,
            subject=self.subject,
            body=self.body,
            created_by=AUTHOR,
        )


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did."""

    new: int
    unchanged: int


def starters(languages: Iterable[str] | None = None) -> Iterator[Starter]:
    """Yield every starter text, of all languages or those named, in a fixed order."""
    wanted = None if languages is None else frozenset(languages)
    for path in sorted(FOLDER.glob("*/*.md")):
        language = path.parent.name
        if wanted is not None and language not in wanted:
            continue
        key, form, _ = path.name.split(".")
        subject, body = _read(path.read_text(encoding="utf-8"))
        yield Starter(key, TITLES[key][0], Form(form), language, subject, body)


def _read(source: str) -> tuple[str, str]:
    if not source.startswith(_SUBJECT):
        return "", source.strip() + "\n"
    subject, _, body = source.partition("\n")
    return subject.removeprefix(_SUBJECT).strip(), body.strip() + "\n"


@transaction.atomic
def install_starters(languages: Iterable[str] | None = None) -> Installed:
    """Publish every starter text that differs from the one we published last.

    Safe to run at every start. Where staff have published a wording of their own it
    stays the current one. Each text is compiled first, so that a fault shows here and
    not with the first customer.

    :raises TemplateError: a starter text does not compile.
    """
    latest = {
        (version.key, version.channel, version.language): version
        for version in TemplateVersion.objects.order_by("version")
    }
    new = unchanged = 0
    for starter in starters(languages):
        known = latest.get((starter.key, starter.form.value, starter.language))
        if known and (
            known.created_by != AUTHOR
            or (known.subject, known.body) == (starter.subject, starter.body)
        ):
            unchanged += 1
            continue
        _publish(starter, known.version + 1 if known else 1)
        new += 1
    return Installed(new=new, unchanged=unchanged)


def _publish(starter: Starter, number: int) -> None:
    version = starter.as_version(number)
    compile_version(version)
    version.state = TemplateVersion.State.APPROVED
    version.approved_by = AUTHOR
    version.published_at = timezone.now()
    version.save(force_insert=True)
    # One text for both now stands where there was one for each.
    TemplateVersion.objects.filter(
        key=starter.key,
        language=starter.language,
        created_by="",
        channel__in=["email", "letter"] if starter.form == Form.WRITTEN else [],
        state=TemplateVersion.State.APPROVED,
    ).update(state=TemplateVersion.State.RETIRED, retired_at=timezone.now())
