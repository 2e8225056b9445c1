"""Looking at a text: previews of every channel, two versions, all languages.

Nothing here changes anything. A preview is answered as a document of its own for a
sandboxed frame, an e-mail under a policy that lets its own styles be and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from customers.models import Customer
from notices.admin.forms import PreviewForm
from notices.admin.page import typed_version
from notices.diff import count, diff
from notices.editions import editions
from notices.kinds import SOURCE_LANGUAGE, channels_of
from notices.messages import mail_of
from notices.models import TemplateVersion
from notices.models.wording import form_choices
from notices.part_uses import texts_by_part
from notices.preview import Preview, channel_of, in_theme, preview, views_of
from notices.preview_facts import facts_of_customer, facts_of_sample
from notices.render import Facts, RenderError
from notices.render.blocks import blocks_of
from notices.samples import CASES
from notices.starter.catalogue import title_of
from notices.stops import (
    UnfitText,
    findings_of,
    require_fit,
    require_short,
)
from notices.trial import received

NOTHING_LOADS = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
}
# A number with more would overflow what the database counts in.
MOST_DIGITS = 19
FORM_WORDS = dict(form_choices())
may_look = permission_required("notices.view_templateversion", raise_exception=True)
may_write = permission_required("notices.change_templateversion", raise_exception=True)


@require_safe
@may_look
def saved_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show how a saved text looks in one view."""
    version = get_object_or_404(TemplateVersion, pk=pk)
    try:
        # Kept when longer texts could be.
        require_short(version)
    except UnfitText as error:
        shown = Preview(version.channel, trouble=error.sentence)
        return _page(request, version, shown)
    return _looked_at(request, version, request.GET)


@require_POST
@may_write
def draft_preview(request: HttpRequest) -> HttpResponseBase:
    """Show how words that are not saved look in one view; nothing is kept of them."""
    given = request.POST
    number = given.get("_text", "")
    known = (
        TemplateVersion.objects.filter(pk=int(number)).first()
        if number.isdecimal() and len(number) < MOST_DIGITS
        else None
    )
    version = typed_version(known, given)
    try:
        require_fit(version)
    except UnfitText as error:
        shown = Preview(version.channel, trouble=error.sentence)
        return _page(request, version, shown)
    return _looked_at(request, version, given)


def _looked_at(
    request: HttpRequest, version: TemplateVersion, given: QueryDict
) -> HttpResponseBase:
    form = PreviewForm(
        {name: given.get(f"_{name}", "") for name in ("view", "case", "customer")}
    )
    form.is_valid()
    view = form.cleaned_data.get("view", "")
    channels = channels_of(version.channel)
    if channel_of(view) not in channels:
        view = views_of(version.channel, channels)[0][0]
    channel = channel_of(view)
    try:
        facts = _facts(request, version, channel, form.cleaned_data)
    except RenderError as error:
        return _page(request, version, Preview(channel, trouble=error.sentence))
    shown = preview(version, channel, facts)
    if shown.mail is not None and view != "mail-text":
        theme = "dark" if view == "mail-dark" else given.get("theme", "light")
        return _mail(request, shown.mail.html, "dark" if theme == "dark" else "light")
    return _page(request, version, shown)


def _facts(
    request: HttpRequest, version: TemplateVersion, channel: str, given: dict[str, Any]
) -> Facts:
    number = given.get("customer", "").strip()
    if not number:
        case = given.get("case", "")
        return facts_of_sample(version, channel, case if case in CASES else "")
    if not request.user.has_perm("customers.view_customer"):
        raise RenderError("not_allowed", "You may not look at customers.")
    customer = (
        Customer.objects.select_related("postal_address").filter(number=number).first()
    )
    if customer is None:
        raise RenderError("no_customer", f"There is no customer {number}.")
    return facts_of_customer(version, channel, customer, timezone.now())


def _mail(request: HttpRequest, html: str, theme: str) -> HttpResponseBase:
    @csp(NOTHING_LOADS)
    def shown(request: HttpRequest) -> HttpResponse:
        return HttpResponse(in_theme(html, theme))

    return shown(request)


def _page(
    request: HttpRequest, version: TemplateVersion, shown: Preview
) -> HttpResponse:
    return render(
        request,
        "admin/notices/templateversion/preview.html",
        {"shown": shown, "text": version},
    )


@require_safe
@may_look
def compare(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Show what changed between two versions, word by word."""
    new = get_object_or_404(TemplateVersion, pk=pk)
    old = get_object_or_404(TemplateVersion.objects.of_text(new), pk=other)
    subject, body = diff(old.subject, new.subject), diff(old.body, new.body)
    return render(
        request,
        "admin/notices/templateversion/compare.html",
        {
            **_frame(request, f"{title_of(new.key)}: what changed"),
            "old": old,
            "new": new,
            "subject": subject,
            "body": body,
            "counted": count([*subject, *body]),
            "versions": TemplateVersion.objects.of_text(new).order_by("-version"),
            "may_begin": request.user.has_perm("notices.add_templateversion"),
        },
    )


@require_safe
@may_look
def languages(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a text in two or more languages, side by side."""
    text = get_object_or_404(TemplateVersion, pk=pk)
    standing = editions([text])[text.key, text.channel]
    wanted = (
        request.GET.getlist("with")
        or [
            one.language
            for one in standing
            if one.version is not None and one.language != text.language
        ][:1]
    )
    columns = [text] + [
        one.version
        for one in standing
        if one.version and one.language in wanted and one.language != text.language
    ]
    channel = channels_of(text.channel)[0]
    return render(
        request,
        "admin/notices/templateversion/languages.html",
        {
            **_frame(request, f"{title_of(text.key)} in its languages"),
            "text": text,
            "editions": standing,
            "wanted": wanted,
            "columns": [
                (
                    one,
                    preview(one, channel, facts_of_sample(one, channel)),
                    findings_of(one),
                )
                for one in columns
            ],
            "may_begin": request.user.has_perm("notices.add_templateversion"),
        },
    )


@require_safe
@may_look
def tried(request: HttpRequest, pk: int, reference: str) -> HttpResponseBase:
    """Show a test message as the sandbox received it; its HTML at ``?part=html``."""
    text = get_object_or_404(TemplateVersion, pk=pk)
    message = received(text, reference)
    mail = mail_of(message) if message and message.suffix == ".eml" else None
    if mail is not None and request.GET.get("part") == "html":
        return _mail(request, mail.html, "light")
    return render(
        request,
        "admin/notices/templateversion/tried.html",
        {
            **_frame(request, "What the sandbox received"),
            "text": text,
            "message": message,
            "mail": mail,
            "reference": reference,
        },
    )


@require_safe
@may_look
def parts(request: HttpRequest) -> HttpResponse:
    """Show each ready-made part with the texts that would change if it did."""
    used = texts_by_part()
    lines = [
        (
            name,
            [
                (title_of(key), FORM_WORDS[form], key)
                for key, form in used.get(name, ())
            ],
        )
        for name in sorted(blocks_of(SOURCE_LANGUAGE).names)
    ]
    return render(
        request,
        "admin/notices/templateversion/parts.html",
        {**_frame(request, "Ready-made parts"), "lines": lines},
    )


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    """Return what every page of the settings shows around its content."""
    # Imported here: the site registers the classes that bring these views.
    from django.contrib.admin import site

    return {
        **site.each_context(request),
        "title": title,
        "opts": TemplateVersion._meta,
    }


Route = tuple[str, str, Callable[..., HttpResponseBase]]
ROUTES: tuple[Route, ...] = (
    ("preview_draft", "preview/", draft_preview),
    ("preview", "<int:pk>/preview/", saved_preview),
    ("compare", "<int:pk>/compare/<int:other>/", compare),
    ("parts", "parts/", parts),
    ("tried", "<int:pk>/tried/<slug:reference>/", tried),
    ("languages", "<int:pk>/languages/", languages),
)
