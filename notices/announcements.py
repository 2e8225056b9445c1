"""Writes, puts up, corrects and takes down what the firm says to everybody.

Every change is one verb in one transaction. What the site shows comes from releases
alone; a correction is a further release, so that who said what and when stays known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from notices.announcement_checks import check, ruling, standing
from notices.announcement_text import AnnouncementError, Problem, require_usable
from notices.announcement_words import TAKEN, is_language
from notices.firm import contact_of
from notices.models import (
    Announcement,
    AnnouncementRelease,
    AnnouncementText,
    TemplateVersion,
)

_LATER = "Somebody changed it meanwhile. Look at it again, then publish."


@transaction.atomic
def save(
    *, announcement: Announcement, by: str, now: dt.datetime, **facts: Any
) -> Announcement:
    """Write down the draft of an announcement, a new one or a changed one.

    ``facts`` are values of its fields.

    :raises AnnouncementError: its address, firm or kind would change after it was put
        up: links lead there, and what was said stands; or its address is taken.
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
    try:
        with transaction.atomic():
            announcement.save()
    except IntegrityError as error:
        others = Announcement.objects.exclude(pk=announcement.pk)
        if not others.filter(slug=announcement.slug).exists():
            raise
        raise AnnouncementError(Problem("", TAKEN)) from error
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
