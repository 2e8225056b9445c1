"""What stands on the page of one text beside its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.utils import timezone

from notices.admin.forms import IDENTITY, ReaderForm
from notices.editions import counted, editions, is_outdated, used_by, uses
from notices.kinds import KINDS, channels_of
from notices.models import Channel, ReviewQuestion, TemplateVersion
from notices.preview import VIEWS, views_of
from notices.preview_facts import house_facts
from notices.samples import CASES
from notices.starter.catalogue import title_of
from notices.stops import (
    OPEN_QUESTIONS,
    Finding,
    authors_of,
    findings_of,
    stops_of,
)
from notices.turning import words_hash
from notices.vocabulary import blocks_shown, fields_shown

State = TemplateVersion.State
# As what the page sends a test: a letter is looked at in the preview instead.
_TRIED = (Channel.EMAIL, Channel.SMS)
# The right of Legal: to approve what binds the firm.
BIND = "notices.bind_templateversion"
Someone = User | AnonymousUser | AbstractBaseUser


def draft_context(version: TemplateVersion | None) -> dict[str, Any]:
    """Return what helps to write: fields, blocks, and the ways to look at it."""
    if version is None:
        return {
            "views": [view for views in VIEWS.values() for view in views],
            "cases": CASES.items(),
            "field_groups": fields_shown("", "en", house_facts()),
            "blocks": (),
        }
    house = house_facts()
    return {
        "views": views_of(version.channel, channels_of(version.channel)),
        "cases": CASES.items(),
        "field_groups": fields_shown(version.kind, version.language, house),
        "blocks": blocks_shown(version.kind, version.language, house),
    }


def text_context(version: TemplateVersion, user: Someone) -> dict[str, Any]:
    """Return all the page of one version tells and lets somebody do."""
    place = (version.key, version.channel)
    standing = editions([version])[place]
    stops = stops_of(version)
    return {
        "seen": words_hash(version),
        "text_title": title_of(version.key),
        "editions": standing,
        "outdated": is_outdated(version),
        "missing": [
            one.language
            for one in standing
            if one.version is None and one.language != version.language
        ],
        "versions": _with_uses(version),
        "previous": TemplateVersion.objects.of_text(version)
        .filter(version__lt=version.version)
        .order_by("-version")
        .first(),
        "life": version.life.order_by("-at", "-pk"),
        "findings": _told(version, findings_of(version)),
        "questions_passed": version.waivers.get(OPEN_QUESTIONS, ""),
        "stops": stops,
        "soft_stops": [stop for stop in stops if stop.severity == "soft"],
        "links": version.review_links.all(),
        "now": timezone.now(),
        "questions": ReviewQuestion.objects.filter(link__version=version)
        .select_related("link")
        .order_by("resolved_at", "paragraph", "pk"),
        "reader_form": ReaderForm(),
        "used_by": used_by(version),
        "try_by": next(
            (way for way in _TRIED if way in channels_of(version.channel)), ""
        ),
        **_may(version, user),
    }


def _with_uses(version: TemplateVersion) -> list[tuple[TemplateVersion, str]]:
    """Return the versions of a text, the newest first, each with its messages."""
    found = uses([version]).by_version
    every = TemplateVersion.objects.of_text(version).order_by("-version")
    return [(one, counted(found.get(one.pk, 0))) for one in every]


def refused_context(
    version: TemplateVersion | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """Return what is told of words that were not saved: their own findings, and no
    turn to take."""
    typed = typed_version(version, given)
    found = findings_of(typed) if typed.kind in KINDS else ()
    # Questions of readers are about the words they saw.
    return {"unsaved": True, "findings": _told(typed, found), "stops": ()}


def _told(
    version: TemplateVersion, findings: Sequence[Finding]
) -> list[tuple[Finding, str]]:
    """Return each finding with the reason for which it was passed over, if it was."""
    return [
        (one, version.waivers.get(one.code, "") if one.severity == "soft" else "")
        for one in findings
    ]


def typed_version(
    version: TemplateVersion | None, given: Mapping[str, str]
) -> TemplateVersion:
    """Return the text as it stands in a form, never saved; ``version`` gives what the
    form does not."""
    known = version or TemplateVersion(key="draft", kind="", channel="", language="")
    typed = {name: given.get(name, getattr(known, name)) for name in IDENTITY}
    typed |= {name: given.get(name, "") for name in ("subject", "body")}
    # The database takes no NUL, not even in a question.
    return TemplateVersion(**{name: typed[name].replace("\x00", "") for name in typed})


def _may(version: TemplateVersion, user: Any) -> dict[str, bool]:
    """Return what this person may do with the version as it stands."""
    writes = user.has_perm("notices.change_templateversion")
    approves = user.has_perm("notices.approve_templateversion")
    is_author = user.get_username() in authors_of(version)
    in_review = version.state == State.IN_REVIEW
    may_bind = not version.notice_kind.binds or user.has_perm(BIND)
    return {
        "may_write": writes,
        "may_submit": writes and version.state == State.DRAFT,
        "may_approve": approves and in_review and not is_author and may_bind,
        "for_legal": in_review and not may_bind,
        "own_work": approves and in_review and is_author and may_bind,
        "may_send_back": in_review and (approves or (writes and is_author)),
        "may_retire": approves and version.state == State.APPROVED,
        "may_waive": writes and not version.is_fixed,
        "may_begin": user.has_perm("notices.add_templateversion"),
        "may_translate": (
            user.has_perm("notices.add_templateversion")
            and version.state == State.APPROVED
        ),
        "may_ask": writes and not version.is_fixed,
        "may_see_customers": user.has_perm("customers.view_customer"),
    }
