"""Replies: what customers wrote back, and what staff note about it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import reasons, words
from campaigns.forms_replies import WhoseForm
from campaigns.inbox import REASONS, inbox
from campaigns.looking import What, noted
from campaigns.today import house_zone
from consent.fingerprints import fingerprint_of
from consent.models import Suppression
from notices import actions
from notices.models import Channel, Reply


@require_safe
def reply_list(request: HttpRequest) -> HttpResponse:
    """Show replies and answers that wait, the longest first; or those dealt with,
    newest first."""
    answered = request.GET.get("show") == "answered"
    late = not answered and request.GET.get("late") == "1"
    why = request.GET.get("why", "")
    why = why if why in REASONS else ""
    return render(
        request,
        "campaigns/replies.html",
        {
            "page": inbox(
                answered=answered,
                reason=why,
                wanted=request.GET.get("page"),
                now=timezone.now(),
                late=late,
            ),
            "answered": answered,
            "late": late,
            "reasons": REASONS,
            "why": why,
            "zone": house_zone(),
        },
    )


@require_safe
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one reply."""
    one = _reply(pk)
    noted(request, What.REPLY, whose=one.customer_id, which=f"reply {pk}")
    return _page(request, one, WhoseForm())


@require_POST
@permission_required("notices.change_reply", raise_exception=True)
def reply_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that staff have answered."""
    one = _reply(pk)
    done = actions.finish_reply(
        reply=one, by=request.user.get_username(), now=timezone.now()
    )
    if done:
        messages.success(request, "Noted: this reply is answered.")
    else:
        messages.info(request, "A colleague was quicker: it is answered already.")
    return redirect("replies")


@require_POST
@permission_required("notices.change_reply", raise_exception=True)
def reply_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Note whose an unmatched reply is."""
    one = _reply(pk)
    form = WhoseForm(request.POST)
    if not form.is_valid():
        return _page(request, one, form)
    matched = actions.match_reply(
        reply=one, customer=form.cleaned_data["number"], now=timezone.now()
    )
    if not matched:
        messages.info(request, "A colleague was quicker: it has a customer already.")
    return redirect("reply", pk=pk)


def _reply(pk: int) -> Reply:
    return get_object_or_404(
        Reply.objects.select_related("customer", "notice__stream", "hold"), pk=pk
    )


def _texts_stopped(one: Reply) -> str:
    """Return why no text may go back to the sender of a text, "" if one may."""
    if one.channel != Channel.SMS:
        return ""
    stop = Suppression.objects.filter(
        channel=Channel.SMS, fingerprint=fingerprint_of(one.sender)
    ).first()
    return reasons.reason(f"SUPP_{stop.reason}") if stop else ""


def _page(request: HttpRequest, one: Reply, form: WhoseForm) -> HttpResponse:
    return render(
        request,
        "campaigns/reply.html",
        {
            "reply": one,
            "status": words.REPLY[one.classified],
            "texts_stopped": _texts_stopped(one),
            "zone": house_zone(),
            "form": form,
        },
        status=422 if form.errors else 200,
    )
