"""What is done to a text: its turns, its readers, their questions, a trial.

Each is form, verb, redirect; the verbs of notices.wordings and notices.readers say
what may be, the rights asked here who may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from customers.acting import who
from notices import readers, wordings
from notices.actions import send_test
from notices.admin.forms import ReaderForm
from notices.admin.looks import Route, may_write
from notices.admin.page import BIND
from notices.kinds import channels_of
from notices.models import Channel, ReviewLink, ReviewQuestion, TemplateVersion
from notices.senders.sandbox import SandboxSender
from notices.stops import WordingError, authors_of
from notices.trial import TrialError

SANDBOX = SandboxSender.provider
_CHANGE = "notices.change_templateversion"
_APPROVE = "notices.approve_templateversion"
_ADD = "notices.add_templateversion"


@dataclass(frozen=True, slots=True)
class Turn:
    """One verb as a button: the right it asks for, what it does, what is said then."""

    right: str
    verb: Callable[[TemplateVersion, HttpRequest], TemplateVersion]
    said: str


def _submit(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    return wordings.submit(
        version=version,
        by=who(request),
        now=timezone.now(),
        seen=_given(request, "seen"),
    )


def _send_back(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    by = who(request)
    if not request.user.has_perm(_APPROVE) and by not in authors_of(version):
        raise PermissionDenied
    return wordings.send_back(
        version=version,
        reason=_given(request, "reason"),
        by=by,
        now=timezone.now(),
        seen=_given(request, "seen"),
    )


def _approve(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    if version.notice_kind.binds and not request.user.has_perm(BIND):
        raise PermissionDenied
    return wordings.approve(
        version=version,
        by=who(request),
        now=timezone.now(),
        back_read=_given(request, "back_read") == "yes",
        seen=_given(request, "seen"),
    )


def _retire(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    return wordings.retire(
        version=version,
        reason=_given(request, "reason"),
        by=who(request),
        now=timezone.now(),
    )


def _restore(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    return wordings.restore(version=version, by=who(request), now=timezone.now())


def _translate(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    return wordings.translate(
        version=version,
        language=_given(request, "language"),
        by=who(request),
        now=timezone.now(),
    )


def _waive(version: TemplateVersion, request: HttpRequest) -> TemplateVersion:
    return wordings.waive(
        version=version,
        code=_given(request, "code"),
        reason=_given(request, "reason"),
        by=who(request),
        now=timezone.now(),
    )


TURNS = {
    "submit": Turn(_CHANGE, _submit, "Sent for review. A colleague approves it."),
    "send-back": Turn("", _send_back, "Sent back. It is a draft again."),
    "approve": Turn(_APPROVE, _approve, "Approved. It is sent from now on."),
    "retire": Turn(_APPROVE, _retire, "Retired. Nothing new is sent from it."),
    "restore": Turn(_ADD, _restore, "This is a new draft with the same words."),
    "translate": Turn(_ADD, _translate, "This draft waits for its translation."),
    "waive": Turn(_CHANGE, _waive, "Noted. The reason stands beside the finding."),
}


@require_POST
def turn(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Take one turn in the life of a text."""
    found = TURNS.get(verb)
    if found is None:
        raise Http404("A text has no such turn.")
    if found.right and not request.user.has_perm(found.right):
        raise PermissionDenied
    version = get_object_or_404(TemplateVersion, pk=pk)
    try:
        turned = found.verb(version, request)
    except WordingError as error:
        messages.error(request, error.sentence)
        return _page_of(version)
    messages.success(request, found.said)
    return _page_of(turned)


@require_POST
@may_write
def ask_reader(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link for a reader outside, and show it this once."""
    version = get_object_or_404(TemplateVersion, pk=pk)
    form = ReaderForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write the reader's name, and 1 to 60 days.")
        return _page_of(version)
    try:
        token = readers.ask_to_read(
            version=version,
            reader=form.cleaned_data["reader"],
            days=form.cleaned_data["days"],
            by=who(request),
            now=timezone.now(),
        )
    except WordingError as error:
        messages.error(request, error.sentence)
        return _page_of(version)
    # Shown, not redirected to: the secret is kept nowhere, so it cannot come again.
    return render(
        request,
        "admin/notices/templateversion/link.html",
        {
            "title": "The link to send",
            "text": version,
            "opts": TemplateVersion._meta,
            "reader": form.cleaned_data["reader"],
            "days": form.cleaned_data["days"],
            "address": _address(request, reverse("read", args=[token])),
        },
    )


@require_POST
@may_write
def close_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a reader's link."""
    link = get_object_or_404(ReviewLink.objects.select_related("version"), pk=pk)
    readers.close_link(link=link, now=timezone.now())
    messages.success(request, f"The link of {link.reader} opens nothing any more.")
    return _page_of(link.version, "readers")


@require_POST
@may_write
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what a reader asked."""
    question = get_object_or_404(
        ReviewQuestion.objects.select_related("link__version"), pk=pk
    )
    version = question.link.version
    try:
        answered = readers.resolve(
            question=question,
            answer=_given(request, "answer"),
            by=who(request),
            now=timezone.now(),
        )
    except WordingError as error:
        messages.error(request, error.sentence)
        return _page_of(version, "readers")
    if answered:
        messages.success(request, "Answered. The reader sees it by the same link.")
    else:
        messages.error(request, "Somebody answered it before; nothing was changed.")
    return _page_of(version, "readers")


@require_POST
@may_write
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the text as an e-mail to whoever presses the button, or as a text message to
    the number they give."""
    version = get_object_or_404(TemplateVersion, pk=pk)
    by_text = Channel.SMS in channels_of(version.channel)
    to = _given(request, "to") if by_text else getattr(request.user, "email", "")
    if not to:
        messages.error(
            request, "Give a mobile number." if by_text else _no_email(request)
        )
        return _page_of(version)
    channel = Channel.SMS if by_text else Channel.EMAIL
    try:
        trial = send_test(version=version, channel=channel, to=to)
    except TrialError as error:
        messages.error(request, str(error))
        return _page_of(version)
    if trial.provider == SANDBOX:
        address = reverse("admin:text_tried", args=[version.pk, trial.reference])
        messages.success(
            request,
            format_html(
                "The sandbox took it for {}, so nothing left this machine. "
                '<a href="{}">See what it received</a>.',
                trial.destination,
                address,
            ),
        )
    else:
        messages.success(
            request, f"Sent to {trial.destination} through {trial.provider}."
        )
    return _page_of(version)


def _no_email(request: HttpRequest) -> str:
    """Say where an address is added: by themselves if they may."""
    if request.user.has_perm("auth.change_user"):
        address = reverse("admin:auth_user_change", args=[request.user.pk])
        return format_html(
            'Your account has no e-mail address. <a href="{}">Add one</a>, then try '
            "again.",
            address,
        )
    return (
        "Your account has no e-mail address. Ask an administrator to add one under "
        "Settings › Users."
    )


def _page_of(version: TemplateVersion, part: str = "") -> HttpResponseRedirect:
    address = reverse("admin:notices_templateversion_change", args=[version.pk])
    return redirect(f"{address}#{part}" if part else address)


def _address(request: HttpRequest, path: str) -> str:
    """Return what readers outside open: they reach the public host, not ours."""
    base: str = settings.PUBLIC_URL
    return f"{base}{path}" if base else request.build_absolute_uri(path)


def _given(request: HttpRequest, name: str) -> str:
    # The database keeps no NUL, and nobody types one.
    return request.POST.get(name, "").replace("\x00", "")


ROUTES: tuple[Route, ...] = (
    ("turn", "<int:pk>/turn/<slug:verb>/", turn),
    ("ask_reader", "<int:pk>/readers/", ask_reader),
    ("close_link", "links/<int:pk>/close/", close_link),
    ("answer", "questions/<int:pk>/answer/", answer),
    ("try", "<int:pk>/try/", try_out),
)
