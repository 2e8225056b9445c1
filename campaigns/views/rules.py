"""Rules of law: all places, one place with its proposal, a change, the second pair of
eyes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from babel import Locale
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from campaigns.forms_rules import RuleForm, SetAsideForm
from campaigns.today import house_zone
from consent import rulings
from consent.law import in_force
from consent.lawbook import packs_in_force
from consent.models import RulePack
from consent.packs.editing import empty_pack, hint_of, mark_of
from consent.packs.reading import as_text
from consent.rule_kinds import RULE_KINDS
from customers.acting import who
from customers.calendars import local_day
from notices.diff import diff

VIEW, CHANGE, APPROVE = (
    f"consent.{right}_rulepack" for right in ("view", "change", "approve")
)


@permission_required(VIEW, raise_exception=True)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules in use today by place, each with what it rests on."""
    day = _today()
    packs = sorted(
        in_force(packs_in_force(), day).values(),
        key=lambda one: (one.rank, one.code),
    )
    waiting = RulePack.objects.filter(state=RulePack.State.DRAFT)
    return render(
        request,
        "campaigns/rules.html",
        {
            "packs": packs,
            "day": day,
            "stale": sum(rule.is_stale(day) for one in packs for rule in one.rules),
            "unconfirmed": sum(
                not rule.counsel_confirmed for one in packs for rule in one.rules
            ),
            "waiting": waiting,
        },
    )


@permission_required(CHANGE, raise_exception=True)
@require_safe
def rules_new(request: HttpRequest) -> HttpResponse:
    """Lead to the first rule of a place that has none."""
    code = request.GET.get("code", "").strip().upper()
    if empty_pack(code, "") is None:
        messages.error(request, "Write the place as ES, or a state as US-CA.")
        return redirect("rules")
    return redirect("rule-change", code=code)


@permission_required(VIEW, raise_exception=True)
@require_safe
def rule_pack(request: HttpRequest, code: str) -> HttpResponse:
    """Show one place: its rules, what is proposed for it, and all its versions."""
    return _pack(request, code, SetAsideForm())


def _pack(request: HttpRequest, code: str, form: SetAsideForm) -> HttpResponse:
    versions = list(RulePack.objects.filter(code=code))
    if not versions:
        raise Http404
    day = _today()
    standing = in_force((one for one in packs_in_force() if one.code == code), day)
    proposal = next(
        (one for one in versions if one.state == RulePack.State.DRAFT), None
    )
    newest = rulings.newest_in_force(code)
    before = as_text(newest.definition) if newest else ""
    return render(
        request,
        "campaigns/rule_pack.html",
        {
            "code": code,
            "pack": standing.get(code),
            "lines": _lines(newest, day),
            "day": day,
            "versions": versions,
            "proposal": proposal,
            "blocks": diff(before, as_text(proposal.definition)) if proposal else (),
            "seen": rulings.digest(proposal) if proposal else "",
            "is_own": proposal is not None and proposal.proposed_by == who(request),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _lines(pack: RulePack | None, day: dt.date) -> list[dict[str, Any]]:
    """Return each rule of the newest version with the mark by which it is changed."""
    if pack is None:
        return []
    return [
        {"rule": rule, "mark": mark_of(raw), "doubt": rule.doubt(day)}
        for rule, raw in zip(pack.rules, pack.definition["rules"], strict=True)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
def rule_change(request: HttpRequest, code: str) -> HttpResponse:
    """Propose one rule of a place, put in, put right or taken out."""
    own = RulePack.objects.filter(
        code=code, state=RulePack.State.DRAFT, proposed_by=who(request)
    ).first()
    base = own or rulings.newest_in_force(code)
    definition = base.definition if base else empty_pack(code, _country(code))
    if definition is None:
        raise Http404
    mark = request.POST.get("mark") or request.GET.get("mark", "")
    form = RuleForm(
        request.POST or None,
        base=definition,
        mark=mark,
        used_from=own.effective_from if own else _today(),
        why=own.why if own else "",
    )
    if request.method == "POST" and form.is_valid():
        try:
            rulings.propose(
                code=code,
                definition=form.definition,
                effective_from=form.cleaned_data["used_from"],
                why=form.cleaned_data["why"],
                by=who(request),
                now=timezone.now(),
            )
        except rulings.RulingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Proposed. A colleague has to approve it.")
            return redirect("rule-pack", code=code)
    hints = [hint_of(kind) for kind in RULE_KINDS.values()]
    return render(
        request,
        "campaigns/rule_change.html",
        {"code": code, "form": form, "mark": mark, "hints": hints, "name": definition},
        status=422 if form.errors else 200,
    )


@require_POST
@permission_required(APPROVE, raise_exception=True)
def rule_approve(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Put a colleague's proposal in force from its day on."""
    pack = get_object_or_404(RulePack, pk=pk, code=code)
    try:
        rulings.approve(
            pack=pack,
            seen=request.POST.get("seen", ""),
            by=who(request),
            now=timezone.now(),
        )
    except rulings.RulingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Approved. It is used from its day on.")
    return redirect("rule-pack", code=code)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def rule_set_aside(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Drop a proposal; it is kept with the reason."""
    pack = get_object_or_404(RulePack, pk=pk, code=code)
    form = SetAsideForm(request.POST)
    if not form.is_valid():
        return _pack(request, code, form)
    try:
        rulings.set_aside(
            pack=pack,
            reason=form.cleaned_data["reason"],
            by=who(request),
            now=timezone.now(),
        )
    except rulings.RulingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Set aside. The rules stay as they are.")
    return redirect("rule-pack", code=code)


def _country(code: str) -> str:
    return str(Locale("en").territories.get(code[:2], code[:2]))


def _today() -> dt.date:
    return local_day(timezone.now(), house_zone())
