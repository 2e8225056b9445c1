"""What stands in a text's way: words that cannot be used, findings, open questions.

Asked by the verbs of notices.wordings before each turn, and by the pages that show an
author what is left to do. Changes nothing.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from notices.kinds import KINDS, TITLED, channels_of
from notices.lint import Finding, Severity
from notices.lint.versions import findings_of, open_findings
from notices.models import ReviewQuestion, TemplateVersion, WordingEvent
from notices.render import TemplateError, compile_version

__all__ = [
    "Finding",
    "UnfitText",
    "WordingError",
    "authors_of",
    "findings_of",
    "questions_waiting",
    "require_clean",
    "require_fit",
    "stops_of",
    "to_approve_by",
]

Verb = WordingEvent.Verb

# The turns by which somebody becomes an author of the words.
WRITING = (Verb.DRAFTED, Verb.EDITED, Verb.TRANSLATED, Verb.RESTORED)
OPEN_QUESTIONS = "open_questions"
# Six pages of print, and five times the longest text that comes with Duly; what is
# longer keeps the press busy for everybody who looks at a letter.
LONGEST_BODY = 12_000
LONGEST_SUBJECT = 500
# Many short lines are slower to lay out than few long ones.
MOST_LINES = 400


class WordingError(Exception):
    """A turn that a text cannot take now; ``code`` is for programs.

    ``findings`` are what stands in its way, if that is the cause.
    """

    def __init__(
        self, code: str, sentence: str, findings: tuple[Finding, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.findings = findings


class UnfitText(WordingError):
    """Words that cannot be saved; ``field`` is ``subject``, ``body`` or another."""

    def __init__(self, field: str, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.field = field


def require_fit(version: TemplateVersion) -> None:
    """Return when the words can be used in every channel of their form.

    :raises UnfitText: naming the field of the form, and the line in the text.
    """
    kind = KINDS.get(version.kind)
    if kind is None or not kind.fits(version.channel):
        label = kind.label if kind else version.kind
        raise UnfitText(
            "channel", "form_unfit", f"A notice of the kind “{label}” has no such form."
        )
    if version.channel in TITLED and not version.subject.strip():
        raise UnfitText("subject", "subject_missing", "This form needs a subject.")
    require_short(version)
    _compile(version, "subject", body="x")
    _compile(version, "body", body=version.body)


def require_short(version: TemplateVersion) -> None:
    """Return when the words are few enough to be laid out.

    :raises UnfitText: ``too_long``.
    """
    for field, words, most in (
        ("subject", version.subject, LONGEST_SUBJECT),
        ("body", version.body, LONGEST_BODY),
    ):
        if len(words) > most:
            part = "subject" if field == "subject" else "text"
            raise UnfitText(
                field,
                "too_long",
                f"The {part} has {len(words):,} characters; {most:,} are the most.",
            )
    lines = len(version.body.splitlines())
    if lines > MOST_LINES:
        raise UnfitText(
            "body",
            "too_long",
            f"The text has {lines:,} lines; {MOST_LINES} are the most.",
        )


def _compile(version: TemplateVersion, field: str, *, body: str) -> None:
    trial = TemplateVersion(
        key=version.key,
        kind=version.kind,
        channel=version.channel,
        language=version.language,
        subject=version.subject,
        body=body,
    )
    for channel in channels_of(version.channel):
        try:
            compile_version(trial, channel)
        except TemplateError as error:
            raise UnfitText(field, error.code, error.sentence) from error


def require_clean(version: TemplateVersion, goal: str) -> None:
    """Return when nothing stands in the way of the text being ``goal``.

    :raises UnfitText: the words cannot be used any more.
    :raises WordingError: ``open_findings``, with them.
    """
    require_fit(version)
    stops = stops_of(version)
    if stops:
        many = f"{len(stops)} findings are" if len(stops) > 1 else "1 finding is"
        raise WordingError(
            "open_findings",
            f"The text cannot be {goal}: {many} open. Mend the text, or give a reason "
            "where one is asked for.",
            stops,
        )


def stops_of(version: TemplateVersion) -> tuple[Finding, ...]:
    """Return what keeps a text from review and approval: findings and questions."""
    stops = [one for one in open_findings(version) if one.severity != Severity.HINT]
    waiting = questions_waiting(version)
    if waiting and OPEN_QUESTIONS not in version.waivers:
        many = "questions of readers are" if waiting > 1 else "question of a reader is"
        stops.append(
            Finding(
                code=OPEN_QUESTIONS,
                severity=Severity.SOFT,
                line=0,
                words="",
                sentence=f"{waiting} {many} not yet answered.",
                suggestion="Answer each, or say why the text may go without.",
            )
        )
    return tuple(stops)


def questions_waiting(version: TemplateVersion) -> int:
    """Return how many questions of readers wait for an answer."""
    return ReviewQuestion.objects.filter(
        link__version=version, resolved_at__isnull=True
    ).count()


def to_approve_by(by: str, *, may_bind: bool) -> QuerySet[TemplateVersion]:
    """Return the texts in review that this person may approve, the oldest first.

    Nobody approves own words, and what binds the firm waits for Legal (``may_bind``).
    """
    written = WordingEvent.objects.filter(
        version=OuterRef("pk"), by=by, verb__in=WRITING
    )
    waiting = TemplateVersion.objects.filter(
        ~Exists(written), state=TemplateVersion.State.IN_REVIEW
    ).exclude(created_by=by)
    if not may_bind:
        binding = [kind.key for kind in KINDS.values() if kind.binds]
        waiting = waiting.exclude(kind__in=binding)
    return waiting.order_by("pk")


def authors_of(version: TemplateVersion) -> frozenset[str]:
    """Return everybody who wrote at these words."""
    writing = WordingEvent.objects.filter(version=version, verb__in=WRITING)
    return frozenset({version.created_by, *writing.values_list("by", flat=True)})
