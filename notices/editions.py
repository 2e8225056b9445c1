"""In which languages a text stands, how it stands there, and how much it is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from notices.models import Notice, TemplateVersion
from notices.render.blocks import languages

State = TemplateVersion.State

# More than this is said as "1,000+": nobody plans by the exact figure.
MOST_COUNTED = 1000
USES = """
SELECT version.id, version.key, version.channel, used.uses::int
FROM notices_templateversion AS version
CROSS JOIN LATERAL (
    SELECT count(*) AS uses FROM (
        SELECT FROM notices_notice AS notice
        WHERE notice.template_id = version.id LIMIT %s
    ) AS counted
) AS used
WHERE version.key = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Edition:
    """A text in one language: the version that stands there, None if there is none."""

    language: str
    version: TemplateVersion | None

    @property
    def word(self) -> str:
        """How it stands there, in a word."""
        if self.version is None:
            return "missing"
        if is_outdated(self.version):
            return "out of date"
        return str(self.version.get_state_display()).lower()

    @property
    def tint(self) -> str:
        """The colour that goes with the word."""
        return {
            "missing": "neutral",
            "out of date": "attention",
            "approved": "good",
            "in review": "moving",
            "draft": "planned",
        }.get(self.word, "neutral")


def is_outdated(version: TemplateVersion) -> bool:
    """Whether what it was translated from has been replaced or taken out of use."""
    source = version.translated_from
    return source is not None and source.state == State.RETIRED


def editions(
    texts: Iterable[TemplateVersion],
) -> dict[tuple[str, str], list[Edition]]:
    """Return the editions of texts by key and form, a language each: one query.

    Where several versions of a language are about, the approved one stands; else the
    newest. Languages with nothing are listed as missing.
    """
    texts = list(texts)
    found: dict[tuple[str, str], dict[str, TemplateVersion]] = defaultdict(dict)
    every = (
        TemplateVersion.objects.filter(key__in={text.key for text in texts})
        .select_related("translated_from")
        .order_by("version")
    )
    for version in every:
        place = found[version.key, version.channel]
        known = place.get(version.language)
        if known is None or _rank(version) >= _rank(known):
            place[version.language] = version
    tongues = languages()
    return {
        (text.key, text.channel): _of(found[text.key, text.channel], tongues)
        for text in texts
    }


def _rank(version: TemplateVersion) -> int:
    order = (State.RETIRED, State.DRAFT, State.IN_REVIEW, State.APPROVED)
    return order.index(State(version.state))


def _of(standing: dict[str, TemplateVersion], tongues: Sequence[str]) -> list[Edition]:
    more = sorted(standing.keys() - set(tongues))
    return [Edition(tongue, standing.get(tongue)) for tongue in (*tongues, *more)]


@dataclass(frozen=True, slots=True)
class Uses:
    """How many messages, sent or in line, have the words of a text.

    ``by_text`` counts all versions and languages of a key and form, ``by_version`` one
    version by its primary key.
    """

    by_text: Mapping[tuple[str, str], int]
    by_version: Mapping[int, int]


def uses(texts: Iterable[TemplateVersion]) -> Uses:
    """Return how much texts are used: one query.

    Counts no further than ``MOST_COUNTED`` a version, so that a list of texts costs the
    same whatever was sent.
    """
    by_text: Counter[tuple[str, str]] = Counter()
    by_version: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(USES, [MOST_COUNTED, list({text.key for text in texts})])
        for pk, key, form, count in cursor.fetchall():
            by_text[key, form] += count
            by_version[pk] = count
    return Uses(by_text, by_version)


def used_by(version: TemplateVersion) -> list[dict[str, object]]:
    """Return what sends this very version: label, channel and count of messages, sent
    or in line, most first."""
    return list(
        Notice.objects.filter(template=version)
        .values("stream__label", "channel")
        .annotate(notices=Count("pk"))
        .order_by("-notices")[:20]
    )


def counted(count: int) -> str:
    """Return a count of ``uses`` in words."""
    return f"{MOST_COUNTED:,}+" if count >= MOST_COUNTED else str(count)
