"""Going paperless: who gets bills how, the lists behind it, and the cutover."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import cutovers, paperless_list, phrases
from campaigns.looking import What, noted
from campaigns.models import Cutover
from campaigns.paging import page_of
from campaigns.today import house_zone
from campaigns.views.consents import EXPORT
from customers.calendars import local_day

TITLES = {
    "paper": "Why customers stay on paper",
    "unreachable": "Why customers without a postal address get no e-mail",
    "switched": "Why bills go by e-mail",
}


@require_safe
def paperless(request: HttpRequest) -> HttpResponse:
    """Show the three numbers with their reasons, and the cutovers there were."""
    day = _today()
    past = Cutover.objects.all()
    last = past.first()
    found = cutovers.figures(day)
    return render(
        request,
        "campaigns/paperless.html",
        {
            "figures": found,
            "tables": [
                (title, side, found.reasons[side]) for side, title in TITLES.items()
            ],
            "last": last,
            "today": last is not None and last.day == day,
            "page": page_of(past, request.GET.get("page")),
            "zone": house_zone(),
        },
    )


@require_safe
def paperless_list_page(request: HttpRequest) -> HttpResponse:
    """Show the customers behind a number."""
    wanted = paperless_list.Wanted.of(request.GET)
    page = paperless_list.page(wanted, request.GET.get("page"), _today())
    return render(
        request,
        "campaigns/paperless_list.html",
        {
            "wanted": wanted,
            "page": page,
            "lines": paperless_list.lines(page.rows),
            "sides": paperless_list.SIDE,
            "reasons": paperless_list.REASONS,
        },
    )


@require_safe
@EXPORT
@never_cache
def paperless_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Serve exactly the list that is shown, all its pages, for a spreadsheet."""
    noted(request, What.CONSENTS, which="going paperless")
    day = _today()
    answer = StreamingHttpResponse(
        paperless_list.as_csv(paperless_list.Wanted.of(request.GET), day),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="paperless-{day:%Y%m%d}.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.add_cutover", raise_exception=True)
@never_cache
def cutover(request: HttpRequest) -> HttpResponse:
    """Ask to confirm today's cutover, and record it."""
    day = _today()
    if request.method == "POST":
        return _confirm(request, day)
    if Cutover.objects.filter(day=day).exists():
        return redirect("paperless")
    return render(request, "campaigns/cutover.html", {"figures": cutovers.figures(day)})


def _confirm(request: HttpRequest, day: dt.date) -> HttpResponse:
    """Record the cutover of the day that was on the page, if that is still today."""
    if request.POST.get("day") != day.isoformat():
        messages.warning(request, "It is another day by now. Nothing was done: look.")
        return redirect("cutover")
    try:
        is_new = cutovers.confirm_cutover(
            day=day, by=request.user.get_username(), now=timezone.now()
        )
    except cutovers.CutoverError as error:
        messages.error(request, str(error))
        return redirect("paperless")
    said = "is confirmed." if is_new else "was confirmed already and stays as it is."
    messages.success(request, f"The cutover of {phrases.day(day)} {said}")
    return redirect("paperless")


def _today() -> dt.date:
    return local_day(timezone.now(), house_zone())
