"""The life of a text: draft, in review, approved, retired; each verb one turn of it.

Who wrote a text never approves it, and what has open findings or open questions goes
no further. Each verb is one transaction and leaves a WordingEvent behind. Rights are
asked by the pages; the four eyes are asked here, since no right replaces them.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from notices.models import Notice, TemplateVersion, WordingEvent
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
from notices.turning import (
    LONGEST_REASON,
    Identity,
    begin,
    identity_of,
    locked,
    locked_as_seen,
    note_turn,
    plain_breaks,
    reason_given,
    siblings_of,
    turned,
)

State = TemplateVersion.State
Verb = WordingEvent.Verb


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
    return begin(identity, subject, body, note, Verb.DRAFTED, by, now)


@transaction.atomic
def edit(
    *,
    version: TemplateVersion,
    subject: str,
    body: str,
    note: str,
    by: str,
    now: dt.datetime,
    seen: str | None = None,
) -> TemplateVersion:
    """Change the words of a draft. Reasons for findings that are gone go with them.

    ``seen`` is the hash of the words the author began with, here and in the turns
    below; without it those of ``version`` as given.

    :raises UnfitText: the words cannot be used.
    :raises WordingError: ``wrong_state``, ``changed_meanwhile``.
    """
    version = locked_as_seen(version, seen, State.DRAFT)
    version.subject, version.body, version.note = subject, plain_breaks(body), note
    require_fit(version)
    found = {finding.code for finding in findings_of(version)}
    version.waivers = {
        code: reason
        for code, reason in version.waivers.items()
        if code in found or code == OPEN_QUESTIONS
    }
    version.save(update_fields=["subject", "body", "note", "waivers"])
    note_turn(version, Verb.EDITED, by, now, note)
    return version


@transaction.atomic
def submit(
    *,
    version: TemplateVersion,
    by: str,
    now: dt.datetime,
    seen: str | None = None,
) -> TemplateVersion:
    """Send a draft for review.

    :raises WordingError: ``wrong_state``, ``changed_meanwhile``, ``open_findings``.
    """
    version = locked_as_seen(version, seen, State.DRAFT)
    require_clean(version, "sent for review")
    return turned(version, State.IN_REVIEW, Verb.SUBMITTED, by, now)


@transaction.atomic
def send_back(
    *,
    version: TemplateVersion,
    reason: str,
    by: str,
    now: dt.datetime,
    seen: str | None = None,
) -> TemplateVersion:
    """Make a text in review a draft again, saying why.

    :raises WordingError: ``wrong_state``, ``changed_meanwhile``, ``reason_missing``.
    """
    version = locked_as_seen(version, seen, State.IN_REVIEW)
    reason = reason_given(reason)
    return turned(version, State.DRAFT, Verb.SENT_BACK, by, now, reason)


@transaction.atomic
def approve(
    *,
    version: TemplateVersion,
    by: str,
    now: dt.datetime,
    back_read: bool = False,
    seen: str | None = None,
) -> TemplateVersion:
    """Publish a text in review: it is what goes out from now on.

    A translation needs ``back_read``: somebody read it against its source.

    The version before it retires, which marks what was translated from that one as
    out of date, and messages still in line take the new words. Readers outside can look
    until their links end, but ask no more.

    :raises WordingError: ``wrong_state``, ``changed_meanwhile``, ``own_work``,
        ``not_read_back``, ``open_findings``.
    """
    version = locked_as_seen(version, seen, State.IN_REVIEW)
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
    replaced = list(siblings_of(version).filter(state=State.APPROVED))
    for before in replaced:
        before.state, before.retired_at = State.RETIRED, now
        before.save(update_fields=["state", "retired_at"])
        note_turn(
            before, Verb.RETIRED, by, now, f"Replaced by version {version.version}."
        )
    version.state = State.APPROVED
    version.approved_by, version.published_at = by, now
    version.save(update_fields=["state", "approved_by", "published_at"])
    Notice.objects.not_yet_written().filter(template__in=replaced).update(
        template=version
    )
    read = (
        f"Read against version {source.version}, {source.language}." if source else ""
    )
    note_turn(version, Verb.APPROVED, by, now, read)
    return version


@transaction.atomic
def retire(
    *, version: TemplateVersion, reason: str, by: str, now: dt.datetime
) -> TemplateVersion:
    """Take an approved text out of use; no campaign finds it any more.

    :raises WordingError: ``wrong_state``, ``reason_missing``.
    """
    version = locked(version, State.APPROVED)
    reason = reason_given(reason)
    version.retired_at = now
    version.save(update_fields=["retired_at"])
    return turned(version, State.RETIRED, Verb.RETIRED, by, now, reason)


@transaction.atomic
def restore(*, version: TemplateVersion, by: str, now: dt.datetime) -> TemplateVersion:
    """Begin a new draft with the words of this version; why is for its author to say.

    :raises UnfitText: a block or field these words need is gone.
    :raises WordingError: ``draft_exists``.
    """
    return begin(
        identity_of(version),
        version.subject,
        version.body,
        "",
        Verb.RESTORED,
        by,
        now,
        translated_from=version.translated_from,
        reason=f"With the words of version {version.version}.",
    )


@transaction.atomic
def translate(
    *, version: TemplateVersion, language: str, by: str, now: dt.datetime
) -> TemplateVersion:
    """Begin a draft in another language: with the words it had there, else with ours.

    The draft points at this version, so that it is out of date once this one is.

    :raises UnfitText: the language has no building blocks.
    :raises WordingError: ``not_approved``, ``same_language``, ``language_unknown``,
        ``draft_exists``.
    """
    if not TemplateVersion.objects.filter(pk=version.pk, state=State.APPROVED).exists():
        raise WordingError(
            "not_approved",
            "Only an approved text is translated: the words of this one may still "
            "change, or are no longer sent.",
        )
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
    return begin(
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
    version = locked(version, State.DRAFT, State.IN_REVIEW)
    reason = reason_given(reason)
    soft = {one.code for one in stops_of(version) if one.severity == "soft"}
    if code not in soft:
        raise WordingError(
            "not_waivable", "That finding is gone, or has to be mended in the text."
        )
    version.waivers = {**version.waivers, code: reason}
    version.save(update_fields=["waivers"])
    note_turn(version, Verb.WAIVED, by, now, f"{code}: {reason}"[:LONGEST_REASON])
    return version


@transaction.atomic
def discard(*, version: TemplateVersion) -> None:
    """Throw a draft away, with its links and questions.

    :raises WordingError: ``wrong_state``, ``has_translations``.
    """
    draft = locked(version, State.DRAFT)
    translation = draft.translations.first()
    if translation is not None:
        raise WordingError(
            "has_translations",
            f"Version {translation.version} in {translation.language} was translated "
            "from this draft. Discard that one first.",
        )
    draft.delete()
