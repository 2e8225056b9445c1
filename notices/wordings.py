"""The life of a text: draft, in review, approved, retired; each verb one turn of it.

Who wrote a text never approves it, and what has open findings or open questions goes
no further. Each verb is one transaction and leaves a WordingEvent behind. Rights are
asked by the pages; the four eyes are asked here, since no right replaces them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from notices.models import ReviewLink, TemplateVersion, WordingEvent
from notices.querysets import TemplateVersionQuerySet
from notices.render.blocks import languages
from notices.stops import (
    OPEN_QUESTIONS,
    WordingError,
    authors_of,
    findings_of,
    require_clean,
    require_fit,
    stops_of,
)

State = TemplateVersion.State
Verb = WordingEvent.Verb

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Identity:
    """Which text it is: the same key says the same thing in other forms and tongues."""

    key: str
    kind: str
    form: str
    language: str


@transaction.atomic
def draft(
    *,
    identity: Identity,
    subject: str,
    body: str,
    note: str,
    by: str,
    now: dt.datetime,
) -> TemplateVersion:
    """Begin a new version of a text, or a text of its own.

    :raises UnfitText: the words cannot be used.
    :raises WordingError: ``draft_exists``, ``kind_differs``.
    """
    return _begin(identity, subject, body, note, Verb.DRAFTED, by, now)


@transaction.atomic
def edit(
    *,
    version: TemplateVersion,
    subject: str,
    body: str,
    note: str,
    by: str,
    now: dt.datetime,
) -> TemplateVersion:
    """Change the words of a draft. Reasons for findings that are gone go with them.

    :raises UnfitText: the words cannot be used.
    :raises WordingError: ``wrong_state``.
    """
    version = _locked(version, State.DRAFT)
    version.subject, version.body, version.note = subject, _plain_breaks(body), note
    require_fit(version)
    found = {finding.code for finding in findings_of(version)}
    version.waivers = {
        code: reason
        for code, reason in version.waivers.items()
        if code in found or code == OPEN_QUESTIONS
    }
    version.save(update_fields=["subject", "body", "note", "waivers"])
    _note(version, Verb.EDITED, by, now, note)
    return version


@transaction.atomic
def submit(*, version: TemplateVersion, by: str, now: dt.datetime) -> TemplateVersion:
    """Send a draft for review.

    :raises WordingError: ``wrong_state``, ``open_findings``.
    """
    version = _locked(version, State.DRAFT)
    require_clean(version, "sent for review")
    return _turned(version, State.IN_REVIEW, Verb.SUBMITTED, by, now)


@transaction.atomic
def send_back(
    *, version: TemplateVersion, reason: str, by: str, now: dt.datetime
) -> TemplateVersion:
    """Make a text in review a draft again, saying why.

    :raises WordingError: ``wrong_state``, ``reason_missing``.
    """
    version = _locked(version, State.IN_REVIEW)
    reason = _reason(reason)
    return _turned(version, State.DRAFT, Verb.SENT_BACK, by, now, reason)


@transaction.atomic
def approve(
    *, version: TemplateVersion, by: str, now: dt.datetime, back_read: bool = False
) -> TemplateVersion:
    """Publish a text in review: it is what goes out from now on.

    A translation needs ``back_read``: somebody read it against its source.

    The version before it retires, which marks what was translated from that one as
    out of date; links for readers close.

    :raises WordingError: ``wrong_state``, ``own_work``, ``not_read_back``,
        ``open_findings``.
    """
    version = _locked(version, State.IN_REVIEW)
    if by in authors_of(version):
        raise WordingError(
            "own_work",
            "You wrote this text, so somebody else has to approve it. Ask a "
            "colleague who may approve texts.",
        )
    source = version.translated_from
    if source is not None and not back_read:
        raise WordingError(
            "not_read_back",
            f"This is a translation. Read it against version {source.version} in "
            f"{source.language}, and say that you did.",
        )
    require_clean(version, "approved")
    for before in _siblings(version).filter(state=State.APPROVED):
        before.state, before.retired_at = State.RETIRED, now
        before.save(update_fields=["state", "retired_at"])
        _note(before, Verb.RETIRED, by, now, f"Replaced by version {version.version}.")
    version.state = State.APPROVED
    version.approved_by, version.published_at = by, now
    version.save(update_fields=["state", "approved_by", "published_at"])
    _close_links(version, now)
    read = (
        f"Read against version {source.version}, {source.language}." if source else ""
    )
    _note(version, Verb.APPROVED, by, now, read)
    return version


@transaction.atomic
def retire(
    *, version: TemplateVersion, reason: str, by: str, now: dt.datetime
) -> TemplateVersion:
    """Take an approved text out of use; no campaign finds it any more.

    :raises WordingError: ``wrong_state``, ``reason_missing``.
    """
    version = _locked(version, State.APPROVED)
    reason = _reason(reason)
    version.retired_at = now
    version.save(update_fields=["retired_at"])
    return _turned(version, State.RETIRED, Verb.RETIRED, by, now, reason)


@transaction.atomic
def restore(*, version: TemplateVersion, by: str, now: dt.datetime) -> TemplateVersion:
    """Begin a new draft with the words of this version.

    :raises UnfitText: a block or field these words need is gone.
    :raises WordingError: ``draft_exists``.
    """
    return _begin(
        identity_of(version),
        version.subject,
        version.body,
        f"As in version {version.version}.",
        Verb.RESTORED,
        by,
        now,
        translated_from=version.translated_from,
    )


@transaction.atomic
def translate(
    *, version: TemplateVersion, language: str, by: str, now: dt.datetime
) -> TemplateVersion:
    """Begin a draft in another language: with the words it had there, else with ours.

    The draft points at this version, so that it is out of date once this one is.

    :raises UnfitText: the language has no building blocks.
    :raises WordingError: ``same_language``, ``language_unknown``, ``draft_exists``.
    """
    if language == version.language:
        raise WordingError("same_language", "The text is in that language already.")
    if language not in languages():
        raise WordingError(
            "language_unknown",
            f"There are no building blocks in the language “{language}” yet.",
        )
    identity = Identity(version.key, version.kind, version.channel, language)
    known = (
        TemplateVersion.objects.filter(
            key=version.key, channel=version.channel, language=language
        )
        .order_by("-version")
        .first()
    )
    words = known or version
    return _begin(
        identity,
        words.subject,
        words.body,
        f"Translation of version {version.version} ({version.language}).",
        Verb.TRANSLATED,
        by,
        now,
        translated_from=version,
    )


@transaction.atomic
def waive(
    *, version: TemplateVersion, code: str, reason: str, by: str, now: dt.datetime
) -> TemplateVersion:
    """Pass over a soft finding of a text not yet approved, saying why.

    :raises WordingError: ``wrong_state``, ``reason_missing``, ``not_waivable``.
    """
    version = _locked(version, State.DRAFT, State.IN_REVIEW)
    reason = _reason(reason)
    soft = {one.code for one in stops_of(version) if one.severity == "soft"}
    if code not in soft:
        raise WordingError(
            "not_waivable", "That finding is gone, or has to be mended in the text."
        )
    version.waivers = {**version.waivers, code: reason}
    version.save(update_fields=["waivers"])
    _note(version, Verb.WAIVED, by, now, f"{code}: {reason}"[:LONGEST_REASON])
    return version


@transaction.atomic
def discard(*, version: TemplateVersion) -> None:
    """Throw a draft away, with its links and questions.

    :raises WordingError: ``wrong_state``.
    """
    _locked(version, State.DRAFT).delete()


def identity_of(version: TemplateVersion) -> Identity:
    """Return which text a version is of."""
    return Identity(version.key, version.kind, version.channel, version.language)


# One turn ---------------------------------------------------------------------


def _begin(
    identity: Identity,
    subject: str,
    body: str,
    note: str,
    verb: Verb,
    by: str,
    now: dt.datetime,
    translated_from: TemplateVersion | None = None,
) -> TemplateVersion:
    _lock_text(identity.key)
    version = TemplateVersion(
        key=identity.key,
        kind=identity.kind,
        channel=identity.form,
        language=identity.language,
        subject=subject,
        body=_plain_breaks(body),
        note=note,
        translated_from=translated_from,
        created_by=by,
        created_at=now,
    )
    siblings = _siblings(version)
    require_room(version)
    newest = siblings.aggregate(newest=Max("version"))["newest"] or 0
    version.version = newest + 1
    require_fit(version)
    version.save(force_insert=True)
    _note(version, verb, by, now, note)
    return version


def require_room(version: TemplateVersion) -> None:
    """Return when a version of this text may be begun.

    :raises WordingError: ``draft_exists``, ``kind_differs``.
    """
    under_way = _siblings(version).filter(state__in=[State.DRAFT, State.IN_REVIEW])
    other = under_way.first()
    if other is not None:
        raise WordingError(
            "draft_exists",
            f"Version {other.version} of this text is still being written by "
            f"{other.created_by or 'somebody'}. Finish that one first, or discard it.",
        )
    kind = (
        TemplateVersion.objects.filter(key=version.key)
        .exclude(kind=version.kind)
        .first()
    )
    if kind is not None:
        raise WordingError(
            "kind_differs",
            f"The text “{version.key}” is of the kind “{kind.notice_kind.label}”. "
            "Choose that kind, or another key.",
        )


def _siblings(version: TemplateVersion) -> TemplateVersionQuerySet:
    return TemplateVersion.objects.filter(
        key=version.key, channel=version.channel, language=version.language
    ).exclude(pk=version.pk)


def _lock_text(key: str) -> None:
    """Let one person at a time begin a version of a text: numbers are in a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"text:{key}"])


def _locked(version: TemplateVersion, *states: State) -> TemplateVersion:
    """Return the version as it stands now, locked, if in one of the states."""
    found = TemplateVersion.objects.select_for_update().get(pk=version.pk)
    if found.state not in states:
        wanted = " or ".join(state.label.lower() for state in states)
        raise WordingError(
            "wrong_state",
            f"The text is {found.get_state_display().lower()} now, not {wanted}; "
            "nothing was changed.",
        )
    return found


def _turned(
    version: TemplateVersion,
    state: State,
    verb: Verb,
    by: str,
    now: dt.datetime,
    reason: str = "",
) -> TemplateVersion:
    version.state = state
    version.save(update_fields=["state"])
    _note(version, verb, by, now, reason)
    return version


def _close_links(version: TemplateVersion, now: dt.datetime) -> None:
    ReviewLink.objects.filter(version=version, closed_at__isnull=True).update(
        closed_at=now
    )


def _note(
    version: TemplateVersion, verb: Verb, by: str, now: dt.datetime, reason: str = ""
) -> None:
    WordingEvent.objects.create(
        version=version, verb=verb, by=by, at=now, reason=reason
    )


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise WordingError("reason_missing", "Say why; the author will read it.")
    return reason


def _plain_breaks(body: str) -> str:
    return body.replace("\r\n", "\n").strip() + "\n"
