"""Makes the finished page of an announcement in each language, and says what is amiss.

The same engine as every notice, with the firm's facts alone; the result is plain data,
so that what was put up can be shown again unchanged. Asks for one thing only: whether
a number in the text is a customer's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from customers.calendars import local_day
from customers.models import Customer
from notices.about import OPT_IN_PHONE, AboutError, read_about, with_firms_number
from notices.announcement_words import public_words
from notices.fields import Subject
from notices.firm import brand_facts
from notices.formats import direction, formats_for, locale_for
from notices.kinds import Form
from notices.models import Announcement, AnnouncementText, TemplateVersion
from notices.personal_data import numbers_in, personal_data
from notices.render import (
    BrandFacts,
    CustomerFacts,
    Facts,
    MailDestination,
    Rendered,
    RenderError,
    compile_version,
    render,
)
from notices.social import banner_text, first_sentences, social_texts

SUMMARY_LENGTH = 300

# Facts in which the firm gives an address or number of its own.
_OURS = (OPT_IN_PHONE,)
_OURS_BY_KIND = {"our_details": ("change.old", "change.new")}


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps an announcement from being put up; ``language`` may be empty."""

    language: str
    sentence: str


class AnnouncementError(ValueError):
    """Something about an announcement must be put right first."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems


Page = Mapping[str, Any]


def page_of(text: AnnouncementText, on: dt.datetime) -> Page:
    """Return the finished page of one language as it would be put up at ``on``.

    Keys: ``language``, ``direction``, ``heading``, ``summary``, ``html``, ``text``,
    ``when``, ``who``, ``questions`` (each ``question``, ``html``, ``text``) and
    ``has_contact``: whether the words themselves say how to reach the firm.

    :raises AnnouncementError: a fact is missing, the words cannot be used, or there is
        personal data in them.
    """
    announcement = text.announcement
    try:
        facts = _facts(announcement, text, on)
        body = _rendered(announcement, text, facts)
        answers = [
            (_own(announcement, text, one["question"], one["answer"]), facts)
            for one in text.questions
        ]
        questions = [
            render(compile_version(version, Form.PUBLIC), facts)
            for version, facts in answers
        ]
    except (AboutError, RenderError) as error:
        sentence = getattr(error, "sentence", str(error))
        raise AnnouncementError(Problem(text.language, sentence)) from error
    every = "\n\n".join(
        part for one in (body, *questions) for part in (one.subject, one.text)
    )
    _require_nobodys(every, announcement, text.language, facts)
    when, who = _when_and_who(text.language, facts)
    source = text.template.body if text.template else text.body
    return {
        "language": text.language,
        "direction": direction(text.language),
        "heading": body.subject,
        "summary": " ".join(first_sentences(body.text, 2))[:SUMMARY_LENGTH],
        "html": body.body.decode(),
        "text": body.text,
        "when": when,
        "who": who,
        "questions": [
            {"question": one.subject, "html": one.body.decode(), "text": one.text}
            for one in questions
        ],
        "has_contact": "contact_open" in source,
    }


def require_usable(text: AnnouncementText) -> None:
    """Return when the words can be compiled and hold nobody's data, facts or no facts.

    :raises AnnouncementError: naming line and fault of each.
    """
    announcement = text.announcement
    brand = brand_facts(announcement.brand)
    problems = []
    pieces = [(text.heading, text.body)] if text.template is None else []
    pieces += [(one["question"], one["answer"]) for one in text.questions]
    for heading, body in pieces:
        try:
            compile_version(_own(announcement, text, heading, body), Form.PUBLIC)
        except RenderError as error:
            problems.append(Problem(text.language, error.sentence))
    about = _given(announcement, text)
    if text.template is not None:
        pieces.append((text.template.subject, text.template.body))
    words = "\n\n".join(part for piece in pieces for part in piece)
    facts = "\n\n".join(_told(about))
    problems += _personal(
        f"{words}\n\n{facts}", text.language, _ours(brand, announcement.kind, about)
    )
    if problems:
        raise AnnouncementError(*problems)


def lines_of(page: Page) -> list[str]:
    """Return what short texts are made of, the most important first."""
    told = page["heading"].casefold()
    parts = (page["when"], page["who"])
    about = " · ".join(part for part in parts if part and part.casefold() not in told)
    about = about[:1].upper() + about[1:]
    rest = [one for one in first_sentences(page["text"]) if one != page["heading"]]
    return [line for line in (page["heading"], about, *rest) if line]


def shortened(page: Page, link: str, name: str) -> dict[str, Any]:
    """Return the social texts and the banner of a page, and what the limits leave."""
    lines = lines_of(page)
    return {
        "social": social_texts(lines, link, name),
        "banner": banner_text(lines[:2]),
    }


def _facts(
    announcement: Announcement, text: AnnouncementText, on: dt.datetime
) -> Facts:
    brand = brand_facts(announcement.brand)
    today = local_day(on, brand.time_zone)
    about = read_about(_given(announcement, text), announcement.notice_kind.subjects)
    return Facts(
        reference="",
        channel=Form.PUBLIC,
        planned_on=today,
        today=today,
        now=on,
        brand=brand,
        customer=CustomerFacts("", "", country=brand.country),
        destination=MailDestination(""),
        invoices=(),
        total=Decimal(0),
        currency="",
        about=about,
    )


def _given(announcement: Announcement, text: AnnouncementText) -> Mapping[str, Any]:
    """Return the facts for all languages, those of this one, and the firm's own."""
    given = {**announcement.about, **text.about}
    if Subject.PAPERLESS not in announcement.notice_kind.subjects:
        return given
    return with_firms_number(given, announcement.brand.opt_in_phone)


def _rendered(
    announcement: Announcement, text: AnnouncementText, facts: Facts
) -> Rendered:
    version = text.template
    if version is not None and version.state != TemplateVersion.State.APPROVED:
        raise AnnouncementError(
            Problem(
                text.language,
                f"The text “{version.key}”, version {version.version}, is no longer "
                "approved. Choose another.",
            )
        )
    own = _own(announcement, text, text.heading, text.body)
    return render(compile_version(version or own, Form.PUBLIC), facts)


def _own(
    announcement: Announcement, text: AnnouncementText, heading: str, body: str
) -> TemplateVersion:
    """Return words of the firm's own as a text that the engine takes."""
    return TemplateVersion(
        key=announcement.slug,
        kind=announcement.kind,
        channel=Form.PUBLIC,
        language=text.language,
        subject=heading,
        body=body,
    )


def _when_and_who(language: str, facts: Facts) -> tuple[str, str]:
    """Return from when it holds and whom it concerns, in words; empty if not said."""
    about = facts.about
    formats = formats_for(locale_for(language, facts.brand.country), "")
    begins = about.get("visit.starts_at")
    if begins:
        zone = ZoneInfo(facts.brand.time_zone)
        return formats.moment(begins.astimezone(zone)), str(about["visit.place"])
    day = about.get("change.effective_on") or about.get("paperless.first_ebill_on")
    when = ""
    if day:
        when = public_words(language)["from_day"].format(day=formats.date(day))
    return when, str(about.get("change.who", ""))


def _ours(brand: BrandFacts, kind: str, about: Mapping[str, Any]) -> list[str]:
    own = [
        brand.phone,
        brand.fax,
        brand.payments_contact,
        brand.email_from,
        brand.reply_to,
        brand.iban,
        brand.website,
        brand.postcode,
    ]
    fields = (*_OURS, *_OURS_BY_KIND.get(kind, ()))
    return own + [str(about[field]) for field in fields if about.get(field)]


def _told(about: Mapping[str, Any]) -> Iterator[str]:
    """Yield the facts that are words, as staff typed them."""
    yield from (value for value in about.values() if isinstance(value, str))


def _require_nobodys(
    words: str, announcement: Announcement, language: str, facts: Facts
) -> None:
    ours = _ours(facts.brand, announcement.kind, facts.about)
    problems = _personal(words, language, ours)
    if problems:
        raise AnnouncementError(*problems)


def _personal(words: str, language: str, ours: list[str]) -> list[Problem]:
    problems = [
        Problem(
            language,
            f"“{one.words}” looks like {one.what} that is not the firm's own. What "
            "everybody can read holds nobody's data: take it out.",
        )
        for one in personal_data(words, ours)
    ]
    numbers = numbers_in(words) - numbers_in("\n".join(ours))
    known = Customer.objects.filter(number__in=numbers).values_list("number", flat=True)
    return problems + [
        Problem(language, f"“{number}” is the number of a customer: take it out.")
        for number in sorted(known)
    ]
