"""A text as its readers will see it, in each of its channels, before it goes anywhere.

Renders with the one function that also sends, for a made-up person or a real customer.
Changes nothing, sends nothing, and tells what cannot be rendered in a sentence.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings

from notices import letter_pages
from notices.kinds import Form
from notices.messages import Mail, Message, mail_of
from notices.models import Channel, TemplateVersion
from notices.preview_facts import facts_of_sample
from notices.render import (
    Facts,
    RenderError,
    compile_version,
    render,
    renders,
)
from notices.render.liquid_text import fill
from notices.render.texts import subject_of, text_of
from notices.render.values import values_of
from notices.sheets import Overlay, overlay_of
from notices.sms import Change, Measured, beyond_gsm7, downgrade, measure

# What a page shows of a long letter.
MOST_PAGES = 6
FIRST_LOOK = 40

# The ways to look at what a channel gets, the first of each being the plain one.
VIEWS: dict[str, tuple[tuple[str, str], ...]] = {
    "email": (
        ("mail", "E-mail"),
        ("mail-dark", "E-mail in the dark"),
        ("mail-narrow", "E-mail on a phone (320 px)"),
        ("mail-text", "E-mail as plain text"),
    ),
    "letter": (("letter", "Letter"),),
    "sms": (("sms", "Text message"),),
    "call": (("call", "Call script"),),
    "postcard": (("postcard", "Postcard"),),
    "insert": (("insert", "Bill insert"),),
    "public": (("public", "Public announcement"),),
}


# What an author has to write for a duty of the channel, in an author's words.
_DUTIES = {
    "sms": "A text message begins with our name and says how to stop: put "
    "“{{ brand.name }}:” first and “{% if must_offer_stop %} Reply STOP to opt out."
    "{% endif %}” last.",
}


@dataclass(frozen=True, slots=True)
class Texted:
    """A text message, and what it costs to send it as it is.

    ``beyond`` are the signs that force Unicode; ``price`` is for one message, None
    where no price is set.
    """

    measured: Measured
    beyond: tuple[str, ...]
    changes: tuple[Change, ...]
    price: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What one channel gets; ``trouble`` says why there is nothing to show, and
    ``warning`` why what is shown could not be sent."""

    channel: str
    subject: str = ""
    text: str = ""
    mail: Mail | None = None
    texted: Texted | None = None
    pages: tuple[str, ...] = ()
    page_count: int = 0
    overlay: Overlay | None = None
    trouble: str = ""
    warning: str = ""

    @property
    def is_paper(self) -> bool:
        """Whether it would be printed and posted."""
        return self.channel in {Channel.LETTER, Channel.POSTCARD}

    @property
    def first_look(self) -> str:
        """The beginning of the text, as a phone's lock screen shows it."""
        return " ".join(self.text.split())[:FIRST_LOOK]


def views_of(form: str, channels: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the ways to look at a text of that form, by key and by name."""
    return [view for channel in channels for view in VIEWS[channel]]


def channel_of(view: str) -> str:
    """Return the channel a view is of; blank for a view that does not exist."""
    return next(
        (
            channel
            for channel, views in VIEWS.items()
            if view in {key for key, _ in views}
        ),
        "",
    )


def preview(version: TemplateVersion, channel: str, facts: Facts) -> Preview:
    """Return what a channel gets of a text, saved or not."""
    try:
        return _shown(version, channel, facts)
    except RenderError as error:
        if error.code != "obligation_unmet":
            return Preview(channel, trouble=error.sentence)
        warning = _DUTIES.get(channel, error.sentence)
    # An author who still has to write the duty in wants to see the rest meanwhile.
    shown = preview(version, channel, replace(facts, obligations=frozenset()))
    return replace(shown, warning=warning)


def paragraphs_of(version: TemplateVersion, channel: str) -> list[str]:
    """Return the paragraphs of a text with sample facts in it, for a reader outside.

    :raises RenderError: it cannot be rendered.
    """
    facts = facts_of_sample(version, channel)
    subject, text = _plain(version, channel, facts)
    parts = [part.strip() for part in re.split(r"\n\s*\n", text)]
    return [part for part in (subject, *parts) if part]


def _shown(version: TemplateVersion, channel: str, facts: Facts) -> Preview:
    if channel == Channel.SMS:
        return _texted(version, facts)
    if channel == Form.INSERT:
        return _panel(version, facts)
    if not renders(channel):
        subject, text = _plain(version, channel, facts)
        return Preview(channel, subject=subject, text=text)
    rendered = render(compile_version(version, channel), facts)
    shown = Preview(channel, subject=rendered.subject, text=rendered.text)
    if rendered.media_type == "message/rfc822":
        message = Message(
            rendered.media_type, rendered.body, rendered.subject, rendered.text, False
        )
        return replace(shown, mail=mail_of(message))
    if rendered.media_type == "application/pdf":
        count = letter_pages.count(rendered.body)
        return replace(
            shown,
            pages=tuple(
                _picture(rendered.body, number)
                for number in range(1, min(count, MOST_PAGES) + 1)
            ),
            page_count=count,
            overlay=(
                overlay_of(facts.brand.paper, facts.brand.envelope)
                if channel == Channel.LETTER
                else None
            ),
        )
    return shown


def _panel(version: TemplateVersion, facts: Facts) -> Preview:
    """Return a bill insert as its printer gets it."""
    # With WeasyPrint: whoever previews no panel does without.
    from notices.render.insert import render_insert

    panel = render_insert(
        compile_version(version, Form.INSERT.value),
        facts.brand,
        now=facts.now,
        about=facts.about,
    )
    return Preview(
        Form.INSERT.value,
        text=panel.text,
        pages=(_picture(panel.pdf, 1),),
        page_count=1,
    )


def _plain(version: TemplateVersion, channel: str, facts: Facts) -> tuple[str, str]:
    compiled = compile_version(version, channel)
    values = values_of(facts, version.language, compiled.kind.subjects)
    number = facts.customer.number
    return subject_of(compiled, values, number), text_of(compiled, values, number)


def _texted(version: TemplateVersion, facts: Facts) -> Preview:
    """Return a text message with every change that makes it cheaper to send."""
    compiled = compile_version(version, Channel.SMS)
    rendered = render(compiled, facts)
    values = values_of(facts, version.language, compiled.kind.subjects)
    written = " ".join(fill(compiled.text, values, facts.customer.number).split())
    _, changes = downgrade(written)
    measured = measure(rendered.text)
    price = settings.SMS_PART_PRICE
    return Preview(
        Channel.SMS,
        text=rendered.text,
        texted=Texted(
            measured=measured,
            beyond=beyond_gsm7(rendered.text),
            changes=changes,
            price=price[0] * measured.segments if price else None,
            currency=price[1] if price else "",
        ),
    )


def _picture(pdf: bytes, number: int) -> str:
    """Return a page as a data address, so that it can stand in an unsaved preview."""
    png = letter_pages.picture(pdf, number) or b""
    return "data:image/png;base64," + base64.b64encode(png).decode()


# Dark and light, decided here: a frame's own colour scheme does not reach the mail.
_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")
_SCHEME = re.compile(r"(color-scheme:\s*)light dark|(content=\")light dark(?=\")")


def in_theme(page: str, theme: str) -> str:
    """Return the HTML of an e-mail as it looks in ``light`` or ``dark``."""
    page = _QUERY.sub(lambda match: "all" if match[1] == theme else "not all", page)
    return _SCHEME.sub(lambda match: f"{match[1] or match[2]}{theme}", page)
