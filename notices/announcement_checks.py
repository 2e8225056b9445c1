"""How an announcement stands, what keeps it from going up, and what was changed.

Answers only; notices.announcements changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from notices.announcement_text import (
    AnnouncementError,
    Page,
    Problem,
    page_of,
)
from notices.announcement_words import own_name
from notices.fields import Subject
from notices.kinds import Form
from notices.lint import Severity, Text
from notices.lint.versions import findings_of_words
from notices.models import (
    Announcement,
    AnnouncementRelease,
    AnnouncementText,
    Importance,
    TemplateVersion,
)

FEWEST_QUESTIONS = 3


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
    refused, advised = _linted(announcement)
    return Checked(
        tuple(pages),
        (*problems, *refused),
        (*_warnings(pages, missing), *advised),
        missing,
    )


def _linted(announcement: Announcement) -> tuple[list[Problem], list[str]]:
    """Return what the lint refuses and what it would have explained, in words of the
    firm's own; a text of the library was read when it was approved.

    A part that is missing is for a person to weigh: the page itself tells when, whom
    and how to reach the firm.
    """
    refused, advised = [], []
    for text in announcement.texts.filter(template=None):
        for one in findings_of_words(_as_text(announcement, text)):
            if one.severity == Severity.HINT:
                continue
            told = f"{one.sentence} {one.suggestion}".strip()
            if one.severity == Severity.HARD and not one.code.startswith("missing_"):
                refused.append(Problem(text.language, told))
            else:
                advised.append(f"{own_name(text.language)}: {told}")
    return refused, advised


def _as_text(announcement: Announcement, text: AnnouncementText) -> Text:
    """Return the words of one language, its questions with them, for the lint."""
    answers = [f"{one['question']}\n\n{one['answer']}" for one in text.questions]
    return Text(
        key=announcement.slug,
        kind=announcement.kind,
        form=Form.PUBLIC,
        language=text.language,
        subject=text.heading,
        body="\n\n".join([text.body, *answers]),
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
