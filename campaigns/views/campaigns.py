"""Campaigns: the list, one campaign with its ledger, a new one, pause and resume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from campaigns import actions, how_far, law_words, lawful, planned, reports
from campaigns.forms import CampaignForm, LawForm, PlanForm
from campaigns.life import CampaignError
from campaigns.models import Campaign
from campaigns.paging import page_of
from campaigns.today import begun, house_zone
from consent.models import RuleAcceptance
from customers.acting import who
from customers.calendars import local_day
from notices.models import Notice

# Seconds between two looks at a campaign on the move; the longest while it rests.
QUICK, SLOW = 2, 30
STOP_POLLING = 286


@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Show all campaigns, newest first."""
    page = page_of(
        Campaign.objects.select_related("ladder", "brand", "stream"),
        request.GET.get("page"),
    )
    standings = how_far.standings(page.rows)
    progresses = how_far.progresses(page.rows, timezone.now())
    lines = [
        {
            "campaign": one,
            "standing": standings[one.pk],
            "progress": progresses[one.pk],
            "status": how_far.status_of(one, standings[one.pk], progresses[one.pk]),
        }
        for one in page.rows
    ]
    return render(request, "campaigns/campaigns.html", {"page": page, "lines": lines})


@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one campaign: status, progress, ledger, steps and newest messages."""
    now = timezone.now()
    one = _campaign(pk)
    progress = how_far.progress(one, now)
    notices = Notice.objects.filter(stream=one.stream_id).select_related("customer")
    page = page_of(notices, request.GET.get("page"), total=progress.total)
    return render(
        request,
        "campaigns/campaign.html",
        _facts(one, progress)
        | {
            "page": page,
            "wait": QUICK,
            "seen": progress.settled,
            "events": one.events.all()[:20],
        },
    )


@require_safe
def campaign_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the live part of the campaign page; tells it to stop when all rests."""
    one = _campaign(pk)
    progress = how_far.progress(one, timezone.now())
    facts: dict[str, object] = {"campaign": one, "progress": progress}
    if not progress.is_moving:
        return render(
            request,
            "campaigns/progress_end.html",
            _facts(one, progress),
            status=STOP_POLLING,
        )
    stood_still = request.GET.get("seen") == str(progress.settled)
    waited = _whole(request.GET.get("wait"), QUICK)
    wait = min(waited * 2, SLOW) if stood_still else QUICK
    return render(
        request,
        "campaigns/progress.html",
        facts | {"wait": wait, "seen": progress.settled},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.add_campaign", raise_exception=True)
def campaign_new(request: HttpRequest) -> HttpResponse:
    """Write down a new campaign as a draft."""
    form = CampaignForm(request.POST or None, initial=_starting_values())
    if request.method == "POST" and form.is_valid():
        made = actions.create_campaign(**form.cleaned_data, by=who(request))
        return redirect("campaign-check", pk=made.pk)
    return render(
        request,
        "campaigns/campaign_new.html",
        {"form": form, "begun": begun()},
        status=422 if form.errors else 200,
    )


@require_safe
def campaign_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what starting a draft would do."""
    one = _campaign(pk)
    if one.state != Campaign.State.DRAFT:
        return redirect("campaign", pk=pk)
    return _check(request, one, PlanForm(campaign=one, now=timezone.now()))


def _check(
    request: HttpRequest,
    one: Campaign,
    form: PlanForm,
    law_form: LawForm | None = None,
) -> HttpResponse:
    """Show what starting would do, now or at a planned hour."""
    day = local_day(form.now, one.brand.time_zone)
    law = lawful.look(one, day)
    faulty = form.errors or (law_form and law_form.errors)
    numbers = one.audience(day).aggregate(
        invoices=Count("pk"), customers=Count("customer", distinct=True)
    )
    return render(
        request,
        "campaigns/campaign_check.html",
        {
            "campaign": one,
            "steps": one.ladder.steps.all(),
            "day": day,
            "form": form,
            "law": law,
            "too_soon": [law_words.too_soon(period, day) for period in law.broken],
            "unaccepted": [
                (rule, rule.doubt(day)) for rule in lawful.unaccepted(one, law, day)
            ],
            "accepted": RuleAcceptance.objects.filter(matter=lawful.matter_of(one)),
            "law_form": law_form or LawForm(),
        }
        | numbers,
        status=422 if faulty else 200,
    )


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def campaign_law(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a campaign though rules are not confirmed by counsel."""
    one = _campaign(pk)
    now = timezone.now()
    form = LawForm(request.POST)
    if not form.is_valid():
        return _check(request, one, PlanForm(campaign=one, now=now), form)
    try:
        actions.go_on_with_rules(
            campaign=one, reason=form.cleaned_data["reason"], by=who(request), now=now
        )
    except CampaignError as error:
        messages.error(request, str(error))
    return redirect("campaign-check", pk=pk)


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def campaign_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a draft start by itself at a day and hour."""
    one = _campaign(pk)
    form = PlanForm(request.POST, campaign=one, now=timezone.now())
    if not form.is_valid():
        return _check(request, one, form)

    def plan(campaign: Campaign, by: str) -> None:
        at = form.cleaned_data["at"]
        planned.plan_campaign(campaign=campaign, at=at, by=by, now=form.now)

    return _do(request, pk, plan, "“{}” starts by itself at the hour you planned.")


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def campaign_unplan(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a campaign that has not begun a draft again."""

    def unplan(campaign: Campaign, by: str) -> None:
        planned.unplan_campaign(campaign=campaign, by=by, now=timezone.now())

    return _do(request, pk, unplan, "“{}” is a draft again. It does not start.")


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def campaign_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a draft to work."""

    def start(campaign: Campaign, by: str) -> None:
        actions.start_campaign(campaign=campaign, by=by, now=timezone.now())

    return _do(
        request, pk, start, "“{}” is running. Its first messages are on the way."
    )


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def campaign_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Send nothing more until somebody resumes."""

    def pause(campaign: Campaign, by: str) -> None:
        actions.pause_campaign(campaign=campaign, by=by, now=timezone.now())

    return _do(request, pk, pause, "“{}” is paused. Nothing goes out until you resume.")


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def campaign_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on where the campaign stood."""

    def resume(campaign: Campaign, by: str) -> None:
        actions.resume_campaign(campaign=campaign, by=by, now=timezone.now())

    return _do(request, pk, resume, "“{}” goes on where it stood.")


def _do(
    request: HttpRequest, pk: int, verb: Callable[[Campaign, str], None], done: str
) -> HttpResponse:
    """Do one thing to a campaign and go back to it, saying what happened."""
    one = _campaign(pk)
    try:
        verb(one, who(request))
    except CampaignError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done.format(one.name))
    return redirect("campaign", pk=pk)


def _campaign(pk: int) -> Campaign:
    related = Campaign.objects.select_related("ladder", "brand", "stream__policy")
    return get_object_or_404(related, pk=pk)


def _facts(campaign: Campaign, progress: how_far.Progress) -> dict[str, object]:
    standing = how_far.standing(campaign)
    return {
        "campaign": campaign,
        "zone": campaign.brand.time_zone,
        "standing": standing,
        "progress": progress,
        "ledger": reports.ledger(campaign),
        "status": how_far.status_of(campaign, standing, progress),
    }


def _starting_values() -> dict[str, object]:
    """Return what the new-campaign form begins with: debts of the last 90 days."""
    day = local_day(timezone.now(), house_zone())
    return {"due_from": day - dt.timedelta(days=90)}


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else otherwise
