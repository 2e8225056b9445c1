"""Calls: the queue, one call with its script, and what came of it.

Looking is for everybody who may log in; taking a call in hand and noting what came of
it needs the right to make calls. Nothing is taken, kept or noted but by POST.
"""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns import call_words, reasons
from campaigns.call_file import call_file
from campaigns.forms_calls import FORMS, OutcomeForm, form_for
from campaigns.templatetags.duly import at
from campaigns.today import house_zone
from customers.acting import who
from notices.calls import hand, outcomes, undoing
from notices.calls.hand import CallError, NotOffered
from notices.calls.queue import later, queue, to_do
from notices.models import CallRecord, CallTask
from notices.outbound import is_stopped

CALL = permission_required("notices.make_calls", raise_exception=True)
MOST_TO_DO = 50


@require_safe
@never_cache
def call_queue(request: HttpRequest) -> HttpResponse:
    """Show the calls that may be made now, and what is left to do after others."""
    now = timezone.now()
    zone = house_zone()
    waiting = queue(now)
    return render(
        request,
        "campaigns/calls.html",
        {
            "now": now,
            "zone": zone,
            "queue": waiting,
            "lines": [
                (line, call_words.task_status(line.task, now)) for line in waiting.lines
            ],
            "free": [line for line in waiting.lines if not line.held_by],
            "later": None if waiting.lines else later(now, zone),
            "stopped": not waiting.lines and is_stopped(),
            "mine": hand.in_hand(by=who(request), now=now),
            "undoable": _undoable(request, now),
            "to_do": to_do()[:MOST_TO_DO],
            "to_do_all": to_do().count(),
        },
    )


@require_POST
@CALL
def call_next(request: HttpRequest) -> HttpResponse:
    """Take the next call in hand."""
    return _to_next(request)


@require_safe
@never_cache
def call(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one call: the script and the number only to whoever has it in hand."""
    return _page(request, _task(reference))


@require_POST
@CALL
def call_take(request: HttpRequest, reference: str) -> HttpResponse:
    """Take one certain call in hand."""
    task = _task(reference)
    try:
        hand.take(notice=task.notice, by=who(request), now=timezone.now())
    except NotOffered as error:
        messages.error(
            request, f"It may not be made now: {reasons.reason(error.reason)}."
        )
        return redirect("calls")
    except CallError as error:
        messages.error(request, str(error))
    return redirect("call", reference=reference)


@require_POST
@CALL
def call_keep(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep a call in hand for another quarter of an hour."""
    task = _task(reference)
    until = hand.keep(notice=task.notice, by=who(request), now=timezone.now())
    if request.htmx:  # type: ignore[attr-defined]
        zone = task.notice.stream.brand.time_zone
        return render(
            request, "campaigns/call_lock.html", {"until": until, "zone": zone}
        )
    if until is None:
        messages.error(request, "This call is no longer in your hands.")
    return redirect("call", reference=reference)


@require_POST
@CALL
def call_give_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a call back on the desk, not made."""
    task = _task(reference)
    if hand.give_back(notice=task.notice, by=who(request)):
        messages.success(request, "The call is back on the desk for a colleague.")
    return redirect("calls")


@require_POST
@CALL
def call_outcome(request: HttpRequest, reference: str) -> HttpResponse:
    """Note what came of a call, and go on to the next if asked to."""
    task = _task(reference)
    outcome = request.POST.get("outcome", "")
    number = request.POST.get("number", "")
    if outcome not in FORMS or not (number.isdecimal() and len(number) < 5):
        return HttpResponseBadRequest("Say what came of the call.")
    form = form_for(outcome, task, timezone.now(), request.POST)
    if not form.is_valid():
        return _page(request, task, form)
    try:
        noted = outcomes.note_outcome(
            notice=task.notice,
            number=int(number),
            outcome=outcome,
            by=who(request),
            now=timezone.now(),
            told=form.told(),
        )
    except CallError as error:
        messages.error(request, str(error))
        return redirect("call", reference=reference)
    after = _task(reference)
    zone = after.notice.customer.time_zone or house_zone()
    messages.success(request, call_words.noted(noted, after, at(noted.next_at, zone)))
    return _to_next(request) if request.POST.get("then") == "next" else _to_queue()


@require_POST
@CALL
def call_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was noted within the last minute."""
    record = get_object_or_404(CallRecord.objects.select_related("notice"), pk=pk)
    try:
        undoing.undo(record=record, by=who(request), now=timezone.now())
    except CallError as error:
        messages.error(request, str(error))
        return redirect("calls")
    messages.success(request, "Taken back. The call is in your hands again.")
    return redirect("call", reference=record.notice.reference)


@require_POST
@CALL
def call_follow_up_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that what was left to do after a call is done."""
    record = get_object_or_404(CallRecord, pk=pk)
    if outcomes.follow_up_done(record=record, by=who(request), now=timezone.now()):
        messages.success(request, f"Done: {record.get_follow_up_display().lower()}.")
    return redirect("calls")


def _to_next(request: HttpRequest) -> HttpResponse:
    task = hand.take_next(by=who(request), now=timezone.now())
    if task is None:
        messages.success(request, "No call waits for you now.")
        return _to_queue()
    return redirect("call", reference=task.notice.reference)


def _to_queue() -> HttpResponse:
    return redirect("calls")


def _page(
    request: HttpRequest, task: CallTask, form: OutcomeForm | None = None
) -> HttpResponse:
    now = timezone.now()
    return render(
        request,
        "campaigns/call.html",
        {
            "now": now,
            "zone": task.notice.stream.brand.time_zone,
            "file": call_file(task, by=who(request), now=now, wrong=form),
            "form": form,
        },
        status=422 if form and form.errors else 200,
    )


def _undoable(request: HttpRequest, now: dt.datetime) -> CallRecord | None:
    mine = CallRecord.objects.filter(by=who(request)).select_related("notice__customer")
    last = mine.order_by("-at").first()
    if last is None or not undoing.may_undo(last, by=who(request), now=now):
        return None
    return last


def _task(reference: str) -> CallTask:
    tasks = CallTask.objects.select_related(
        "notice__customer", "notice__stream__brand", "notice__template"
    ).defer("notice__stream__brand__logo")
    return get_object_or_404(tasks, notice__reference=reference)
