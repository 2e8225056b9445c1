"""Health: is everybody at work, and may anything leave; stop everything, and release.

Looking is for everybody who may log in; the switch needs a right of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from campaigns import phrases, words
from campaigns.forms_health import StopForm
from campaigns.today import house_zone
from campaigns.traffic import CAP_IN_LINE, going_out
from notices import actions, outbound
from notices import health as questions
from notices.installation import machine
from notices.models import OutboundEvent, ProviderLane
from notices.served import is_by_hand
from notices.watches import alarms, watches

SWITCH = permission_required("notices.stop_everything", raise_exception=True)


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Show every watch: what it saw, since when, and what to do."""
    now = timezone.now()
    facts = questions.facts(now=now, ask_broker=True)
    found = watches(facts, now)
    return render(
        request,
        "campaigns/health.html",
        {
            "now": now,
            "zone": house_zone(),
            "switch": facts.switch,
            "red": alarms(found),
            "lines": [(watch, words.HEALTH[watch.level.name]) for watch in found],
            "events": OutboundEvent.objects.all()[:10],
        },
    )


@SWITCH
@require_http_methods(["GET", "HEAD", "POST"])
def health_stop(request: HttpRequest) -> HttpResponse:
    """Ask why everything must stop, and stop it."""
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _switch(
            request,
            lambda: outbound.stop_everything(
                by=request.user.get_username(),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            ),
            "Everything is stopped. What is on the wire at this second still arrives.",
        )
    return render(
        request,
        "campaigns/health_stop.html",
        {"form": form, "in_line": _in_line()},
        status=422 if form.errors else 200,
    )


@SWITCH
@require_http_methods(["GET", "HEAD", "POST"])
def health_release(request: HttpRequest) -> HttpResponse:
    """Say what would go, and let it go."""
    if request.method == "POST":
        return _switch(
            request,
            lambda: outbound.release(
                by=request.user.get_username(), now=timezone.now()
            ),
            "Messages leave again. What became too late meanwhile waits for staff.",
        )
    return render(request, "campaigns/health_release.html", {"in_line": _in_line()})


@SWITCH
@require_http_methods(["GET", "HEAD", "POST"])
def health_adopt(request: HttpRequest) -> HttpResponse:
    """Ask whether this is the real installation, and take it for that."""
    if request.method == "POST":
        return _switch(
            request,
            lambda: outbound.adopt(by=request.user.get_username(), now=timezone.now()),
            "This is the real installation from now on. Messages leave again.",
        )
    return render(
        request,
        "campaigns/health_adopt.html",
        {"in_line": _in_line(), "machine": machine()},
    )


@require_POST
@SWITCH
def health_lane(request: HttpRequest, name: str) -> HttpResponse:
    """Have a provider tried again that is away, or that refused us."""
    lane = get_object_or_404(ProviderLane, name=name)
    actions.try_lane_again(
        lane=lane, by=request.user.get_username(), now=timezone.now()
    )
    messages.success(
        request, f"One message tries “{name}” now; if it is taken, all others follow."
    )
    return redirect("health")


def _switch(request: HttpRequest, verb: Callable[[], None], done: str) -> HttpResponse:
    """Turn the switch and go back to Health, saying what happened."""
    try:
        verb()
    except outbound.OutboundError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("health")


def _in_line() -> str:
    """Return how many messages of running campaigns could go by themselves now, in
    words; blank for none."""
    lines = going_out(timezone.now())
    number = sum(line.now for line in lines if not is_by_hand(line.channel))
    return phrases.counted_to(CAP_IN_LINE, number, "message") if number else ""
