"""Writes, puts up, corrects and takes down what the firm says to everybody.

Every change is one verb in one transaction. What the site shows comes from releases
alone; a correction is a further release, so that who said what and when stays known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from notices.announcement_text import (
    FEWEST_QUESTIONS,
    AnnouncementError,
    Page,
    Problem,
    contact_of,
    is_language,
    own_name,
    page_of,
    require_usable,
)
from notices.fields import Subject
from notices.models import (
    Announcement,
    AnnouncementRelease,
    AnnouncementText,
    Importance,
    TemplateVersion,
)

_LATER = "Somebody changed it meanwhile. Look at it again, then publish."


@dataclass(frozen=True, slots=True)
class Standing:
    """How an announcement stands, in words for staff; ``tint``, ``shape`` as a tag."""

    word: str
    meaning: str
    tint: str
    shape: str
    is_up: bool = False
    ends_at: dt.datetime | None = None
    begins_at: dt.datetime | None = None


def standing(release: AnnouncementRelease | None, now: dt.datetime) -> Standing:
    """Return how an announcement stands at ``now`` by its ruling release."""
    if release is None:
        return Standing("Draft", "Nobody outside sees it.", "neutral", "dash")
    if release.is_withdrawal:
        return Standing("Ended", "It was taken down.", "neutral", "cross")
    if release.withdraw_at and release.withdraw_at <= now:
        return Standing("Ended", "Its time is over.", "neutral", "tick")
    if release.publish_at > now:
        return Standing(
            "Planned",
            "It goes up by itself.",
            "planned",
            "clock",
            begins_at=release.publish_at,
        )
    return Standing(
        "On the site", "", "good", "tick", is_up=True, ends_at=release.withdraw_at
    )


def ruling(announcement: Announcement) -> AnnouncementRelease | None:
    """Return the newest release, or None while there is none."""
    return announcement.releases.order_by("-number").first()


@transaction.atomic
def save(
    *, announcement: Announcement, by: str, now: dt.datetime, **facts: Any
) -> Announcement:
    """Write down the draft of an announcement, a new one or a changed one.

    ``facts`` are values of its fields.

    :raises AnnouncementError: its address, firm or kind would change after it was put
        up: links lead there, and what was said stands.
    """
    if announcement.pk:
        announcement = Announcement.objects.select_for_update().get(pk=announcement.pk)
        announcement.revision += 1
        fixed = [
            name
            for name in ("slug", "brand", "kind")
            if name in facts and facts[name] != getattr(announcement, name)
        ]
        if fixed and announcement.releases.exists():
            raise AnnouncementError(
                Problem(
                    "",
                    "Its address, firm and kind stay as they were put up. Write "
                    "another announcement instead.",
                )
            )
    else:
        announcement.created_by, announcement.created_at = by, now
    for name, value in facts.items():
        setattr(announcement, name, value)
    announcement.changed_by, announcement.changed_at = by, now
    announcement.save()
    return announcement


@transaction.atomic
def save_text(
    *,
    announcement: Announcement,
    language: str,
    by: str,
    now: dt.datetime,
    template: TemplateVersion | None = None,
    heading: str = "",
    body: str = "",
    about: Mapping[str, Any] | None = None,
    questions: Sequence[Mapping[str, str]] = (),
) -> AnnouncementText:
    """Write down the words of one language: a text of the library, or the firm's own.

    :raises AnnouncementError: the words cannot be used, or hold personal data.
    """
    if not is_language(language):
        raise AnnouncementError(Problem("", f"There is no language “{language}”."))
    text = AnnouncementText.objects.filter(
        announcement=announcement, language=language
    ).first() or AnnouncementText(announcement=announcement, language=language)
    text.announcement = announcement
    text.template = template
    text.heading, text.body = ("", "") if template else (heading.strip(), body)
    text.about = dict(about or {})
    text.questions = [dict(one) for one in questions]
    require_usable(text)
    text.save()
    save(announcement=announcement, by=by, now=now)
    return text


@transaction.atomic
def remove_text(
    *, announcement: Announcement, language: str, by: str, now: dt.datetime
) -> None:
    """Take one language out of the draft; the site follows at the next publishing."""
    announcement.texts.filter(language=language).delete()
    save(announcement=announcement, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Checked:
    """What publishing would put up, what forbids it, and what a person should weigh."""

    pages: tuple[Page, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    missing: tuple[str, ...]


def check(announcement: Announcement, now: dt.datetime) -> Checked:
    """Return the pages of every language and all that is amiss with them."""
    on = max(announcement.publish_at or now, now)
    pages, problems = [], list(_whole(announcement, now))
    for text in announcement.texts.select_related("template"):
        text.announcement = announcement
        try:
            pages.append(page_of(text, on))
        except AnnouncementError as error:
            problems += error.problems
    if not pages and not problems:
        problems.append(Problem("", "It has no words yet. Write it in one language."))
    missing = missing_languages(announcement)
    return Checked(
        tuple(pages), tuple(problems), tuple(_warnings(pages, missing)), missing
    )


def _whole(announcement: Announcement, now: dt.datetime) -> list[Problem]:
    """Return what is amiss with the announcement in every language alike."""
    problems = []
    if announcement.withdraw_at and announcement.withdraw_at <= now:
        problems.append(Problem("", "Its end has passed. Choose a later one, or none."))
    if announcement.importance == Importance.URGENT:
        changes = Subject.CHANGE in announcement.notice_kind.subjects
        for text in announcement.texts.all() if changes else ():
            if not text.about.get("change.to_do"):
                problems.append(
                    Problem(
                        text.language,
                        "What is urgent says what to do: fill in “What to do”.",
                    )
                )
    return problems


def _warnings(pages: Sequence[Page], missing: Sequence[str]) -> list[str]:
    found = []
    if missing:
        names = ", ".join(own_name(code) for code in missing)
        found.append(f"You write to customers in these languages too: {names}.")
    for page in pages:
        if len(page["questions"]) < FEWEST_QUESTIONS:
            found.append(
                f"{own_name(page['language'])}: fewer than {FEWEST_QUESTIONS} "
                "questions are answered. What is not answered is asked by phone."
            )
    return found


def missing_languages(announcement: Announcement) -> tuple[str, ...]:
    """Return the languages the firm has approved texts in, and this has no words in."""
    written = announcement.texts.values_list("language", flat=True)
    used = (
        TemplateVersion.objects.published()
        .order_by("language")
        .values_list("language", flat=True)
        .distinct()
    )
    return tuple(code for code in used if code not in set(written))


@transaction.atomic
def publish(
    *,
    announcement: Announcement,
    revision: int,
    by: str,
    now: dt.datetime,
    note: str = "",
) -> AnnouncementRelease:
    """Put the draft on the site, at once or at its time; a second time corrects it.

    ``revision`` is that of the draft that was looked at; ``note`` says what a
    correction changes.

    :raises AnnouncementError: something must be put right first; nothing was put up.
    """
    announcement = (
        Announcement.objects.select_for_update(of=("self",))
        .select_related("brand")
        .get(pk=announcement.pk)
    )
    if announcement.revision != revision:
        raise AnnouncementError(Problem("", _LATER))
    before = ruling(announcement)
    if before is not None and not note.strip():
        raise AnnouncementError(
            Problem("", "Say what was changed: it is kept with the correction.")
        )
    checked = check(announcement, now)
    if checked.problems:
        raise AnnouncementError(*checked.problems)
    stands = standing(before, now)
    begins = max(announcement.publish_at or now, now)
    return AnnouncementRelease.objects.create(
        announcement=announcement,
        number=before.number + 1 if before else 1,
        action=(
            AnnouncementRelease.Action.CORRECTED
            if before
            else AnnouncementRelease.Action.PUBLISHED
        ),
        at=now,
        by=by,
        note=note.strip(),
        importance=announcement.importance,
        # A correction is not news again: it keeps the time it went up.
        publish_at=before.publish_at if before and stands.is_up else begins,
        withdraw_at=announcement.withdraw_at,
        revision=announcement.revision,
        content={
            "contact": contact_of(announcement.brand),
            "texts": list(checked.pages),
        },
    )


@transaction.atomic
def withdraw(
    *, announcement: Announcement, by: str, now: dt.datetime, note: str = ""
) -> AnnouncementRelease:
    """Take an announcement off the site, or off the plan, at once.

    :raises AnnouncementError: it is neither on the site nor planned.
    """
    announcement = Announcement.objects.select_for_update().get(pk=announcement.pk)
    before = ruling(announcement)
    stands = standing(before, now)
    if before is None or not (stands.is_up or stands.begins_at):
        raise AnnouncementError(Problem("", "It is not on the site."))
    return AnnouncementRelease.objects.create(
        announcement=announcement,
        number=before.number + 1,
        action=AnnouncementRelease.Action.WITHDRAWN,
        at=now,
        by=by,
        note=note.strip(),
        importance=before.importance,
        publish_at=before.publish_at,
        withdraw_at=before.withdraw_at,
        revision=announcement.revision,
    )


_PARTS = {
    "heading": "heading",
    "text": "text",
    "questions": "questions and answers",
}


def changes(
    before: AnnouncementRelease | None, after: AnnouncementRelease
) -> list[str]:
    """Return what a release changed against the one before it, in words."""
    if before is None or after.is_withdrawal:
        return []
    found = []
    old, new = before.texts, after.texts
    for language in dict.fromkeys([*old, *new]):
        name = own_name(language)
        if language not in old:
            found.append(f"{name}: new")
        elif language not in new:
            found.append(f"{name}: taken out")
        else:
            parts = [
                word
                for key, word in _PARTS.items()
                if old[language].get(key) != new[language].get(key)
            ]
            if parts:
                found.append(f"{name}: {', '.join(parts)}")
    if (before.publish_at, before.withdraw_at) != (after.publish_at, after.withdraw_at):
        found.append("begin or end")
    if before.importance != after.importance:
        found.append("importance")
    return found
