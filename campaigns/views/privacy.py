"""A person's rights: their data as a file, their erasure by two people, legal holds;
and the log of who looked at what."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from campaigns.access_log import LogForm, as_csv, lines
from campaigns.looking import What, noted
from campaigns.paging import page_of
from campaigns.phrases import listed
from campaigns.today import house_zone
from customers import rights
from customers.erasing import ErasureRefused, hinders
from customers.holdings import Holding, holdings
from customers.models import Customer, ErasureRequest, PersonExport

EXPORT = permission_required("customers.export_person", raise_exception=True)
ERASE = permission_required("customers.erase_person", raise_exception=True)
KEEP = permission_required("customers.keep_evidence", raise_exception=True)
LOG = permission_required("customers.view_accessentry", raise_exception=True)


@require_POST
@EXPORT
def customer_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a person's data gathered into a file."""
    try:
        rights.ask_export(
            customer=get_object_or_404(Customer, pk=pk),
            by=request.user.get_username(),
            now=timezone.now(),
        )
    except rights.RightsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The file is being made. It stands here in a minute.")
    return redirect("customer", pk=pk)


@require_safe
@EXPORT
@never_cache
def export_file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Serve a person's data, and write down who took it."""
    export = get_object_or_404(PersonExport.objects.select_related("customer"), pk=pk)
    if not export.is_there(timezone.now()):
        raise Http404("This file is not there any more. Have another one made.")
    noted(request, What.EXPORT, whose=export.customer_id, which=f"file {export.pk}")
    answer = StreamingHttpResponse(
        rights.export_pieces(export), content_type="application/zip"
    )
    answer["Content-Disposition"] = f'attachment; filename="customer-{export.pk}.zip"'
    answer["Content-Length"] = str(export.size)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@ERASE
@require_http_methods(["GET", "HEAD", "POST"])
def customer_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would go and what would stay; ask for it, agree to it or not."""
    customer = get_object_or_404(Customer, pk=pk)
    asked = customer.erasure_requests.filter(state=ErasureRequest.State.ASKED).first()
    if request.method == "POST":
        return _decided(request, customer, asked)
    return render(
        request,
        "campaigns/customer_erase.html",
        {
            "customer": customer,
            "asked": asked,
            "is_mine": asked is not None
            and asked.asked_by == request.user.get_username(),
            "hinders": [] if customer.erased_at else hinders(customer),
            "goes": _told(one for one in holdings() if one.is_deleted),
            "emptied": _told(one for one in holdings() if one.blanks),
            "stays": _told(
                one for one in holdings() if not one.blanks and not one.is_deleted
            ),
            "zone": house_zone(),
        },
    )


def _told(found: Iterable[Holding]) -> list[tuple[str, str]]:
    """Return what tables hold and what becomes of it; those of one reason together."""
    titles: dict[str, list[str]] = {}
    for one in found:
        if one.is_exported:
            titles.setdefault(one.because, []).append(one.title)
    return [(listed(names), because) for because, names in titles.items()]


def _decided(
    request: HttpRequest, customer: Customer, asked: ErasureRequest | None
) -> HttpResponse:
    choice = request.POST.get("choice")
    by, now = request.user.get_username(), timezone.now()
    try:
        if choice == "ask":
            rights.ask_erasure(customer=customer, by=by, now=now)
            said = "Noted. Now another person with this right has to agree."
        elif choice not in {"agree", "refuse"}:
            return HttpResponseBadRequest("Say what to do: ask, agree or refuse.")
        elif asked is None:
            raise rights.RightsError("Nobody asks for it any more.")
        elif choice == "agree":
            done = rights.approve_erasure(asked=asked, by=by, now=now)
            said = f"Erased: {done.total:,} rows were deleted or emptied."
        else:
            rights.refuse_erasure(asked=asked, by=by, now=now)
            said = "Noted: this customer is not erased."
    except (rights.RightsError, ErasureRefused) as error:
        messages.error(request, f"{error} Nothing was changed.")
    else:
        messages.success(request, said)
    return redirect("customer", pk=customer.pk)


@require_POST
@KEEP
def legal_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Place or lift a legal hold."""
    customer = get_object_or_404(Customer, pk=pk)
    try:
        if request.POST.get("choice") == "lift":
            rights.lift_legal_hold(customer=customer)
            said = "The legal hold is lifted."
        else:
            rights.place_legal_hold(
                customer=customer,
                reason=request.POST.get("reason", ""),
                by=request.user.get_username(),
                now=timezone.now(),
            )
            said = "Nothing of this customer is deleted from now on."
    except rights.RightsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("customer", pk=pk)


@require_safe
@LOG
@never_cache
def access_log(request: HttpRequest) -> HttpResponse:
    """Show who read or took what, or who changed what, newest first."""
    form = LogForm(request.GET)
    page = (
        page_of(form.rows(), request.GET.get("page"), size=50)
        if form.is_valid()
        else None
    )
    return render(
        request,
        "campaigns/access_log.html",
        {
            "form": form,
            "page": page,
            "lines": lines(page.rows) if page else [],
            "query": request.GET.urlencode(),
            "zone": house_zone(),
        },
        status=200 if page else 422,
    )


@require_safe
@LOG
@never_cache
def access_log_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Serve the same as a file for a spreadsheet, and write that down too."""
    form = LogForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest(
            "Those days cannot be read. Go back and correct them."
        )
    noted(request, What.LOG, which=form.cleaned_data["show"] or "reads")
    answer = StreamingHttpResponse(
        as_csv(form.rows()), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    return answer
