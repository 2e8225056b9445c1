"""Messages: the list, one with its whole story, and the very bytes of it.

The bytes are served apart from the page, each under a policy of its own: a mail is
shown in a sandboxed frame in which nothing may load and nothing may run.
"""

from __future__ import annotations

from dataclasses import dataclass

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns import message_words
from campaigns.looking import What, noted
from campaigns.models import Decision
from campaigns.paging import page_of
from notices import actions, letter_pages
from notices.acknowledging import asks_to_be_read, reading_of
from notices.messages import Mail, Message, mail_of, message_of
from notices.models import Channel, Notice
from notices.own_copy import copy_in
from notices.printing.runs import live_item
from notices.render import RenderError
from notices.sms import Measured, measure
from notices.states import MOVES, State

NEVER_GOES = {
    state for state, moves in MOVES.items() if not moves and state != State.FAILED
}
NOTHING_LOADS = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
}


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Show messages, newest first, all or those in one state."""
    state = request.GET.get("state", "")
    found = Notice.objects.select_related("customer", "stream__campaign")
    if state in State.values:
        found = found.filter(state=state)
    return render(
        request,
        "campaigns/notices.html",
        {
            "page": page_of(found, request.GET.get("page")),
            "state": message_words.NOTICE.get(state),
        },
    )


@require_safe
def notice(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one message: what became of it and why, and what it says."""
    one = _notice(reference)
    shown, reading = _shown(request, one), reading_of(one)
    if shown.message is not None:
        noted(request, What.MESSAGE, whose=one.customer_id, which=reference)
    return render(
        request,
        "campaigns/notice.html",
        {
            "notice": one,
            "meaning": message_words.notice(one.state, one.reason, one.channel).meaning,
            "heading": _heading(one, shown),
            "zone": one.stream.brand.time_zone,
            "attempts": [
                (attempt, message_words.attempt(attempt.result, attempt.provider))
                for attempt in one.attempts.all()
            ],
            "events": [
                (event, message_words.EVENT[event.kind])
                for event in one.delivery_events.all()
            ],
            "items": one.items.select_related("invoice"),
            "decisions": Decision.objects.filter(notice=one).select_related(
                "step", "enrolment__campaign", "enrolment__invoice"
            ),
            "is_unknown": one.state == State.UNKNOWN,
            "is_held": one.state == State.HELD,
            "shown": shown,
            "asks_to_be_read": asks_to_be_read(one),
            "reading": reading,
            "on_paper": live_item(one),
            "is_paper": one.channel in message_words.PAPER,
        },
    )


@require_safe
@never_cache
@csp(NOTHING_LOADS)  # type: ignore[arg-type]  # typed for views without arguments
def notice_mail(request: HttpRequest, reference: str) -> HttpResponse:
    """Serve the HTML of an e-mail, for the frame on the message's page."""
    one = _notice(reference)
    message = _message(request, one)
    if message.suffix != ".eml":
        raise Http404("This message is no e-mail.")
    noted(request, What.MESSAGE, whose=one.customer_id, which=reference)
    return HttpResponse(mail_of(message).html)


@require_safe
@never_cache
def notice_page(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Serve one page of a letter as a picture."""
    one = _notice(reference)
    message = _message(request, one)
    if message.suffix != ".pdf":
        raise Http404("This message is no letter.")
    noted(request, What.MESSAGE, whose=one.customer_id, which=f"{reference}/{number}")
    picture = letter_pages.picture(message.body, number)
    if picture is None:
        raise Http404("The letter has no such page.")
    return HttpResponse(picture, content_type="image/png")


@require_safe
@never_cache
def notice_source(request: HttpRequest, reference: str) -> HttpResponse:
    """Serve the bytes of a message as a file, exactly as they went or would go."""
    one = _notice(reference)
    message = _message(request, one)
    noted(request, What.SOURCE, whose=one.customer_id, which=reference)
    response = HttpResponse(message.body, content_type="application/octet-stream")
    response["Content-Disposition"] = (
        f'attachment; filename="{reference}{message.suffix}"'
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@permission_required("notices.change_notice", raise_exception=True)
def notice_resolve(request: HttpRequest, reference: str) -> HttpResponse:
    """Note what staff found out about a message nobody knows the fate of."""
    one = _notice(reference)
    answer = request.POST.get("arrived")
    if answer not in {"yes", "no"}:
        return HttpResponseBadRequest("Say whether it arrived: yes or no.")
    arrived = answer == "yes"
    resolved = actions.resolve_unknown(
        notice=one,
        arrived=arrived,
        by=request.user.get_username(),
        now=timezone.now(),
    )
    if resolved:
        messages.success(
            request,
            "Noted: it arrived."
            if arrived
            else "Noted: it did not arrive. It is not sent again by itself.",
        )
    else:
        messages.error(request, "Its fate became known meanwhile; nothing was changed.")
    return redirect("notice", reference=reference)


@require_POST
@permission_required("notices.change_notice", raise_exception=True)
def notice_decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a held message go back into line, or cancel it."""
    one = _notice(reference)
    choice = request.POST.get("choice")
    if choice == "release":
        done = actions.release_held(notice=one, now=timezone.now())
        said = "It is in line again. Every question is asked again before it goes."
    elif choice == "cancel":
        done = actions.cancel_held(notice=one)
        said = "It is cancelled and will never be sent."
    else:
        return HttpResponseBadRequest("Say what to do: release or cancel.")
    if done:
        messages.success(request, said)
    else:
        messages.error(request, "It is held no more; nothing was changed.")
    return redirect("notice", reference=reference)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message ready for the page; ``trouble`` says why there is none."""

    message: Message | None = None
    mail: Mail | None = None
    sms: Measured | None = None
    pages: range = range(0)
    trouble: str = ""


def _shown(request: HttpRequest, notice: Notice) -> Shown:
    """Return the message as the page shows it."""
    try:
        message = _read(request, notice)
    except RenderError as error:
        return Shown(trouble=str(error))
    if message.suffix == ".eml":
        return Shown(message, mail=mail_of(message))
    if message.suffix == ".pdf":
        return Shown(message, pages=range(1, letter_pages.count(message.body) + 1))
    if notice.channel == Channel.SMS:
        return Shown(message, sms=measure(message.text))
    return Shown(message)


def _heading(notice: Notice, shown: Shown) -> str:
    if shown.message is None:
        return "The message"
    if shown.message.is_stored:
        on_paper = notice.channel in message_words.PAPER
        done = "printed" if on_paper else "handed over"
        return f"The message, as it was {done}"
    if State(notice.state) in NEVER_GOES:
        return "What the message would have said"
    return "The message, as it would go now"


def _notice(reference: str) -> Notice:
    related = Notice.objects.select_related(
        "customer", "template", "stream__brand", "stream__campaign"
    )
    return get_object_or_404(related, reference=reference)


def _message(request: HttpRequest, notice: Notice) -> Message:
    try:
        return _read(request, notice)
    except RenderError as error:
        raise Http404(str(error)) from error


def _read(request: HttpRequest, notice: Notice) -> Message:
    """Return the message; the one whose link opens all that is kept of somebody only to
    who may take that out.

    :raises RenderError: there is none, or it is not for this reader.
    """
    now = timezone.now()
    leads_to_all = copy_in(notice, now=now) is not None
    if leads_to_all and not request.user.has_perm("customers.export_person"):
        raise RenderError(
            "not_for_you",
            "Its link opens all that is kept of this customer, so that only who may "
            "take a person's data out may read it.",
        )
    return message_of(notice, now)
