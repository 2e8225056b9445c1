"""The texts that come with Duly: polite, plain and whole, in eight languages.

Each file is Markdown with Liquid fields, ``<language>/<key>.<form>.md``. What stands
in the database is never edited: a changed file becomes a new version, unless the firm
has published a wording of its own since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from notices.kinds import SOURCE_LANGUAGE, Form
from notices.models import TemplateVersion
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
    known = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
    wanted = known if languages is None else sorted({*languages} & {*known})
    for language in wanted:
        yield from _of(language)


# Files of the programme: they stay as they are for the life of a process.
@cache
def _of(language: str) -> tuple[Starter, ...]:
    found = []
    for path in sorted((FOLDER / language).glob("*.md")):
        key, form, _ = path.name.split(".")
        subject, body = _read(path.read_text(encoding="utf-8"))
        found.append(Starter(key, TITLES[key][0], Form(form), language, subject, body))
    return tuple(found)


def _read(source: str) -> tuple[str, str]:
    if not source.startswith(_SUBJECT):
        return "", source.strip() + "\n"
    subject, _, body = source.partition("\n")
    return subject.removeprefix(_SUBJECT).strip(), body.strip() + "\n"


@transaction.atomic
def install_starters(languages: Iterable[str] | None = None) -> Installed:
    """Publish every starter text that differs from the one we published last.

    Safe to run at every start. Where staff have published a wording of their own it
    stays the current one, and what they have retired stays so. That each of ours
    compiles, in every channel, is known from the tests of the library.
    """
    numbers: dict[tuple[str, str, str], int] = {}
    latest: dict[tuple[str, str, str], TemplateVersion] = {}
    for version in TemplateVersion.objects.order_by("version"):
        which = (version.key, version.channel, version.language)
        numbers[which] = version.version
        if version.is_fixed:
            latest[which] = version
    new: list[TemplateVersion] = []
    replaced: list[int] = []
    unchanged = 0
    for starter in starters(languages):
        which = (starter.key, starter.form.value, starter.language)
        known = latest.get(which)
        if known and not _is_outdated(known, starter):
            unchanged += 1
            continue
        new.append(starter.as_version(numbers.get(which, 0) + 1))
        if known:
            replaced.append(known.pk)
    _publish(new, replaced)
    return Installed(new=len(new), unchanged=unchanged)


def _is_outdated(known: TemplateVersion, starter: Starter) -> bool:
    """Whether ours has changed since; what staff wrote or retired is theirs to say."""
    return (
        known.created_by == AUTHOR
        and known.state == TemplateVersion.State.APPROVED
        and (known.subject, known.body) != (starter.subject, starter.body)
    )


def _publish(versions: Sequence[TemplateVersion], replaced: Sequence[int]) -> None:
    now = timezone.now()
    for version in versions:
        version.state = TemplateVersion.State.APPROVED
        version.approved_by = AUTHOR
        version.published_at = now
    # The sources first: a translation knows what it was made from.
    TemplateVersion.objects.bulk_create(
        [one for one in versions if one.language == SOURCE_LANGUAGE]
    )
    sources = {
        (one.key, one.channel): one
        for one in TemplateVersion.objects.current()
        .filter(language=SOURCE_LANGUAGE)
        .only("key", "channel")
    }
    others = [one for one in versions if one.language != SOURCE_LANGUAGE]
    for version in others:
        version.translated_from = sources.get((version.key, version.channel))
    TemplateVersion.objects.bulk_create(others)
    # One text for both now stands where there was one for each.
    TemplateVersion.objects.filter(
        Q(pk__in=replaced)
        | Q(
            key__in=[one.key for one in versions if one.channel == Form.WRITTEN],
            created_by=AUTHOR,
            channel__in=[Form.EMAIL.value, Form.LETTER.value],
        ),
        state=TemplateVersion.State.APPROVED,
    ).update(state=TemplateVersion.State.RETIRED, retired_at=now)
