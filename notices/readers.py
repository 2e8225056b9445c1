"""Asking somebody outside to read a text, and answering what they ask.

The secret of a link leaves this module once, when it is made; only its hash is kept.
A wrong, an expired and a closed link cannot be told apart by whoever holds one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction

from notices.models import ReviewLink, ReviewQuestion, TemplateVersion
from notices.models.readers import LONGEST_QUESTION
from notices.stops import WordingError

# 192 random bits, as 32 signs that survive every mail program.
_TOKEN_BYTES = 24
LINK_DAYS = 14
# Whoever has the link can write; this is how much.
MOST_QUESTIONS = 100


def digest(token: str) -> bytes:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def ask_to_read(
    *, version: TemplateVersion, reader: str, days: int, by: str, now: dt.datetime
) -> str:
    """Make a link for one reader and return its secret, for this one time.

    :raises WordingError: ``wrong_state``, ``reader_missing``.
    """
    reader = " ".join(reader.split())[:120]
    if not reader:
        raise WordingError("reader_missing", "Say who is to read it.")
    if version.is_fixed:
        raise WordingError(
            "wrong_state", "Only a draft is read: this text can no longer change."
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    ReviewLink.objects.create(
        version=version,
        reader=reader,
        token_sha256=digest(token),
        created_by=by,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return token


def link_of(token: str, now: dt.datetime) -> ReviewLink | None:
    """Return the link a secret opens at ``now``; None for any that opens nothing."""
    link = (
        ReviewLink.objects.select_related("version")
        .filter(token_sha256=digest(token))
        .first()
    )
    return link if link is not None and link.is_open(now) else None


def close_link(*, link: ReviewLink, now: dt.datetime) -> None:
    """Close a link for good; what was asked stays."""
    ReviewLink.objects.filter(pk=link.pk, closed_at__isnull=True).update(closed_at=now)


def paragraphs_hash(paragraphs: Sequence[str]) -> str:
    """Return what tells these paragraphs from any others: 64 hexadecimal signs."""
    return hashlib.sha256("\x00".join(paragraphs).encode()).hexdigest()


@transaction.atomic
def ask(
    *,
    link: ReviewLink,
    form_id: uuid.UUID,
    questions: Mapping[int, str],
    paragraphs: Sequence[str],
    now: dt.datetime,
) -> int:
    """Keep what a reader asked, by number of the paragraph (from 1).

    The same form sent twice asks once. Returns how many questions of the form stand.

    :raises WordingError: ``too_many``, ``settled``.
    """
    ReviewLink.objects.select_for_update().get(pk=link.pk)
    # Whoever approves holds this lock, so no question comes in behind their back.
    version = TemplateVersion.objects.select_for_update().get(pk=link.version_id)
    if version.is_fixed:
        raise WordingError(
            "settled",
            "The text was settled meanwhile, so no more questions can be taken. Please "
            "write to the person who sent you the link.",
        )
    asked = [
        ReviewQuestion(
            link=link,
            paragraph=number,
            quote=paragraphs[number - 1],
            question=question[:LONGEST_QUESTION],
            form_id=form_id,
            asked_at=now,
        )
        for number, question in sorted(questions.items())
        if question and 1 <= number <= len(paragraphs)
    ]
    earlier = ReviewQuestion.objects.filter(link=link).exclude(form_id=form_id)
    if earlier.count() + len(asked) > MOST_QUESTIONS:
        raise WordingError(
            "too_many",
            f"{MOST_QUESTIONS} questions are the most for one link. Please write to "
            "the person who sent it to you.",
        )
    ReviewQuestion.objects.bulk_create(asked, ignore_conflicts=True)
    return ReviewQuestion.objects.filter(link=link, form_id=form_id).count()


@transaction.atomic
def resolve(
    *, question: ReviewQuestion, answer: str, by: str, now: dt.datetime
) -> bool:
    """Answer a question; False when somebody did so before.

    :raises WordingError: ``answer_missing``.
    """
    answer = answer.strip()[:LONGEST_QUESTION]
    if not answer:
        raise WordingError("answer_missing", "Write what became of the question.")
    return bool(
        ReviewQuestion.objects.filter(pk=question.pk, resolved_at__isnull=True).update(
            answer=answer, resolved_by=by, resolved_at=now
        )
    )
