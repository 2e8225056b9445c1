"""Consents: the history with its filters, as a file, and all of one customer's."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns import consent_list
from campaigns.looking import What, noted
from campaigns.today import house_zone
from consent.verify import faults_of
from customers.calendars import local_day
from customers.models import Customer

# Taking a list of customers out of the house needs a right of its own.
EXPORT = permission_required("consent.view_consentevent", raise_exception=True)


@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    """Show what happened to consents, the newest first."""
    wanted = consent_list.Wanted.of(request.GET)
    page = consent_list.page(wanted, request.GET.get("page"))
    return render(
        request,
        "campaigns/consents.html",
        {
            "wanted": wanted,
            "page": page,
            "lines": consent_list.lines(page.rows),
            "subjects": consent_list.SUBJECTS,
            "states": consent_list.STATES,
            "methods": consent_list.METHODS,
        },
    )


@require_safe
@EXPORT
@never_cache
def consents_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Serve exactly the list that is shown, all its pages, for a spreadsheet."""
    noted(request, What.CONSENTS, which="consents")
    day = local_day(timezone.now(), house_zone())
    answer = StreamingHttpResponse(
        consent_list.as_csv(consent_list.Wanted.of(request.GET)),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="consents-{day:%Y%m%d}.csv"'
    return answer


@require_safe
@never_cache
def customer_consents(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that is known of one customer's consents, with the evidence."""
    one = get_object_or_404(Customer, pk=pk)
    noted(request, What.EVIDENCE, whose=pk, which="consents")
    page = consent_list.page_of_customer(one, request.GET.get("page"))
    return render(
        request,
        "campaigns/customer_consents.html",
        {
            "customer": one,
            "page": page,
            "lines": consent_list.lines_with_evidence(page.rows),
            "faults": list(faults_of(one)),
            "zone": house_zone(),
        },
    )
