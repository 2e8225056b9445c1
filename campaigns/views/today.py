"""Today: what needs a person, what goes out next, what went, what is owed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import access_review, traffic
from campaigns import today as figures
from campaigns.ages import owed
from campaigns.texts_waiting import texts_to_approve
from customers.calendars import local_day
from customers.rights import erasures_to_decide
from notices import health
from notices.watches import alarms, watches


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show the day's work."""
    now = timezone.now()
    zone = figures.house_zone()
    day = local_day(now, zone)
    facts = health.facts(now=now)
    return render(
        request,
        "campaigns/today.html",
        {
            "now": now,
            "zone": zone,
            "day": day,
            "stopped": facts.switch.stopped_at is not None,
            "red": alarms(watches(facts, now)),
            "begun": figures.begun(),
            "attention": figures.attention(day, now),
            "texts": texts_to_approve(request.user),
            "erasures": (
                erasures_to_decide(by=request.user.get_username())
                if request.user.has_perm("customers.erase_person")
                else []
            ),
            "review": (
                access_review.due(day)
                if request.user.has_perm("campaigns.add_accessreview")
                else None
            ),
            "cap": figures.CAP,
            "cap_in_line": traffic.CAP_IN_LINE,
            "going": traffic.going_out(now),
            "beginning": traffic.beginning(now),
            "looked_at": traffic.looked_at_next(day),
            "gone": traffic.gone_out(now, zone),
            "owed": owed(day),
        },
    )
