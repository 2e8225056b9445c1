"""Messages that wait for staff, by reason: let go or drop all of one kind at once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import phrases, reasons
from campaigns.forms_health import HeldForm
from notices import actions
from notices.models import Notice
from notices.querysets import NoticeQuerySet
from notices.states import State


@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Show how many messages wait for staff, by reason: one query."""
    groups = (
        _held()
        .values("reason")
        .annotate(number=Count("pk"), oldest=Min("planned_on"))
        .order_by("-number", "reason")
    )
    return render(request, "campaigns/held.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("notices.change_notice", raise_exception=True)
def held_decide(request: HttpRequest, reason: str) -> HttpResponse:
    """Show what waits for one reason, and release or cancel all of it."""
    group = _held().filter(reason=reason)
    if request.method == "POST":
        return _decide(request, group, reason)
    lines = list(
        group.values("stream__label", "channel")
        .annotate(number=Count("pk"), newest=Max("pk"), oldest=Min("planned_on"))
        .order_by("stream__label", "channel")
    )
    return render(
        request,
        "campaigns/held_decide.html",
        {
            "reason": reason,
            "meaning": reasons.reason(reason),
            "lines": lines,
            "number": sum(line["number"] for line in lines),
            "newest": max((line["newest"] for line in lines), default=0),
        },
    )


def _decide(request: HttpRequest, group: NoticeQuerySet, reason: str) -> HttpResponse:
    """Do to the messages that were on the page what was chosen there.

    An older message may have come to wait since: then they are shown once more.
    """
    form = HeldForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Say what to do: release or cancel.")
    shown = group.filter(pk__lte=form.cleaned_data["newest"])
    if shown.count() > form.cleaned_data["number"]:
        messages.warning(request, "More of them wait by now. Nothing was done: look.")
        return redirect("held-decide", reason=reason)
    if form.cleaned_data["choice"] == "release":
        number = actions.release_held_group(held=shown, now=timezone.now())
        said = "in line again. Every question is asked again before they go."
    else:
        number = actions.cancel_held_group(held=shown)
        said = "cancelled and will never be sent."
    messages.success(request, f"{phrases.counted(number, 'message')}: {said}")
    return redirect("held")


def _held() -> NoticeQuerySet:
    return Notice.objects.filter(state=State.HELD).order_by()
