"""One turn in the life of a text: lock it, look at its state, move it, write it down.

What the verbs of notices.wordings are made of; always within their transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from notices.kinds import SOURCE_LANGUAGE
from notices.models import TemplateVersion, WordingEvent
from notices.querysets import TemplateVersionQuerySet
from notices.stops import WordingError, require_fit

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


def identity_of(version: TemplateVersion) -> Identity:
    """Return which text a version is of."""
    return Identity(version.key, version.kind, version.channel, version.language)


def begin(
    identity: Identity,
    subject: str,
    body: str,
    note: str,
    verb: Verb,
    by: str,
    now: dt.datetime,
    translated_from: TemplateVersion | None = None,
    reason: str = "",
) -> TemplateVersion:
    """Begin a version: locked, checked, numbered, saved and noted.

    ``note`` is the author's why; ``reason`` is what its life tells where there is none.

    :raises UnfitText: the words cannot be used.
    :raises WordingError: ``draft_exists``, ``kind_differs``.
    """
    _lock_text(identity.key)
    version = TemplateVersion(
        key=identity.key,
        kind=identity.kind,
        channel=identity.form,
        language=identity.language,
        subject=subject,
        body=plain_breaks(body),
        note=note,
        translated_from=translated_from,
        created_by=by,
        created_at=now,
    )
    siblings = siblings_of(version)
    require_room(version)
    newest = siblings.aggregate(newest=Max("version"))["newest"] or 0
    version.version = newest + 1
    if translated_from is None:
        version.translated_from = source_of(version)
    require_fit(version)
    version.save(force_insert=True)
    note_turn(version, verb, by, now, reason or note)
    return version


def require_room(version: TemplateVersion) -> None:
    """Return when a version of this text may be begun.

    :raises WordingError: ``draft_exists``, ``kind_differs``.
    """
    under_way = siblings_of(version).filter(state__in=[State.DRAFT, State.IN_REVIEW])
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


def source_of(version: TemplateVersion) -> TemplateVersion | None:
    """Return what a text not begun as a translation has to be read against all the
    same: what its newest translated sibling came from, else the approved text of the
    same key and form in the source language; None if it is an original itself.
    """
    before = (
        siblings_of(version)
        .exclude(translated_from=None)
        .select_related("translated_from")
        .order_by("-version")
        .first()
    )
    if before is not None:
        return before.translated_from
    if version.language == SOURCE_LANGUAGE:
        return None
    # A text that is a translation itself is nobody's original.
    return TemplateVersion.objects.filter(
        key=version.key,
        channel=version.channel,
        language=SOURCE_LANGUAGE,
        state=State.APPROVED,
        translated_from=None,
    ).first()


def siblings_of(version: TemplateVersion) -> TemplateVersionQuerySet:
    """Return the other versions of the same text."""
    return TemplateVersion.objects.filter(
        key=version.key, channel=version.channel, language=version.language
    ).exclude(pk=version.pk)


def _lock_text(key: str) -> None:
    """Let one person at a time begin a version of a text: numbers are in a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"text:{key}"])


def locked(version: TemplateVersion, *states: State) -> TemplateVersion:
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


def words_hash(version: TemplateVersion) -> str:
    """Return what tells these words from any others: 64 hexadecimal signs."""
    words = f"{version.subject}\x00{version.body}"
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def locked_as_seen(
    version: TemplateVersion, seen: str | None, *states: State
) -> TemplateVersion:
    """Return the version locked, if it has the words that somebody looked at.

    ``seen`` is their ``words_hash``; None takes the words ``version`` came with.

    :raises WordingError: ``wrong_state``, ``changed_meanwhile``.
    """
    if seen is None:
        seen = words_hash(version)
    found = locked(version, *states)
    if words_hash(found) != seen:
        raise WordingError(
            "changed_meanwhile", "The text was changed meanwhile; read it again."
        )
    return found


def turned(
    version: TemplateVersion,
    state: State,
    verb: Verb,
    by: str,
    now: dt.datetime,
    reason: str = "",
) -> TemplateVersion:
    """Set the state of a version and note who turned it, when and why."""
    version.state = state
    version.save(update_fields=["state"])
    note_turn(version, verb, by, now, reason)
    return version


def note_turn(
    version: TemplateVersion, verb: Verb, by: str, now: dt.datetime, reason: str = ""
) -> None:
    """Write down one turn in the life of a text."""
    WordingEvent.objects.create(
        version=version, verb=verb, by=by, at=now, reason=reason
    )


def reason_given(reason: str) -> str:
    """Return the reason in one line.

    :raises WordingError: ``reason_missing``.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise WordingError("reason_missing", "Say why; the author will read it.")
    return reason


def plain_breaks(body: str) -> str:
    """Return the words with one kind of line break and one at the end."""
    return body.replace("\r\n", "\n").strip() + "\n"
