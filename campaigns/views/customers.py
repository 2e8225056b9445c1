"""Customers: the list with its search, one customer, holds placed and lifted."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import customer_file, customer_list, customer_reach
from campaigns.customer_choices import choices
from campaigns.forms import HoldForm
from campaigns.history import history
from campaigns.next_way import way_of
from campaigns.today import house_zone
from customers import actions, plans
from customers.calendars import local_day
from customers.models import Customer, Hold, LegalHold, Plan


@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """Show customers, found by any of their names, numbers and addresses."""
    now = timezone.now()
    day = local_day(now, house_zone())
    wanted = customer_list.Wanted.of(
        words=request.GET.get("q", ""),
        show=request.GET.get("show", ""),
        sort=request.GET.get("sort", ""),
    )
    page = customer_list.page(wanted, request.GET.get("page"), day, now)
    return render(
        request,
        "campaigns/customers.html",
        {
            "wanted": wanted,
            "page": page,
            "summaries": customer_file.summaries(page.rows, day),
            "choices": customer_list.SHOW,
        },
    )


@require_safe
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one customer."""
    return _customer_page(request, _customer(pk))


@require_POST
@permission_required("customers.add_hold", raise_exception=True)
def hold_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one or all of a customer's invoices on hold."""
    one = _customer(pk)
    today = local_day(timezone.now(), house_zone())
    form = HoldForm(request.POST, customer=one, today=today)
    if not form.is_valid():
        return _customer_page(request, one, form)
    actions.place_hold(
        customer=one,
        starts_on=today,
        by=request.user.get_username(),
        **form.cleaned_data,
    )
    messages.success(request, f"Reminders to {one.name} are on hold.")
    return redirect("customer", pk=pk)


@require_POST
@permission_required("customers.change_hold", raise_exception=True)
def hold_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a hold today."""
    hold = get_object_or_404(Hold.objects.select_related("customer"), pk=pk)
    today = local_day(timezone.now(), house_zone())
    actions.lift_hold(hold=hold, today=today, by=request.user.get_username())
    on = "tomorrow" if hold.starts_on == today else "today"
    messages.success(request, f"The hold is lifted. Reminders may go on {on}.")
    return redirect("customer", pk=hold.customer_id)


@require_POST
@permission_required("customers.change_plan", raise_exception=True)
def plan_handled(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that somebody looked after the missed part of a plan."""
    plan = get_object_or_404(Plan, pk=pk)
    by = request.user.get_username()
    if plans.handle_missed(plan=plan, by=by, now=timezone.now()):
        messages.success(request, "Noted: the missed part is looked after.")
    else:
        messages.info(request, "A colleague was quicker: it is looked after already.")
    return redirect("customer", pk=plan.customer_id)


def _customer(pk: int) -> Customer:
    return get_object_or_404(Customer.objects.select_related("postal_address"), pk=pk)


def _customer_page(
    request: HttpRequest, one: Customer, form: HoldForm | None = None
) -> HttpResponse:
    now = timezone.now()
    zone = house_zone()
    day = local_day(now, zone)
    holds = list(one.holds.select_related("invoice"))
    page = request.GET.get("page", "1")
    summary = customer_file.summaries([one], day)[0]
    return render(
        request,
        "campaigns/customer.html",
        {
            "now": now,
            "zone": zone,
            "summary": summary,
            "way": way_of(summary.next, day) if summary.next else None,
            "status": customer_reach.status_of(one),
            "place": customer_reach.place_of(one),
            "ways": customer_reach.ways(one),
            "agreements": customer_reach.agreements(one),
            "choices": choices(one, day),
            "bills": customer_file.bills(one, holds, day),
            "invoices": one.invoices.count(),
            "holds": [hold for hold in holds if customer_file.stands(hold, day)],
            "plans": one.plans.prefetch_related("instalments")[:5],
            "history": history(one, ZoneInfo(zone), int(page) if page in PAGES else 1),
            "exports": one.exports.all()[:5],
            "legal_hold": LegalHold.objects.filter(customer=one).first(),
            "form": form or HoldForm(customer=one, today=day),
        },
        status=422 if form and form.errors else 200,
    )


PAGES = {str(number) for number in range(1, 100)}
