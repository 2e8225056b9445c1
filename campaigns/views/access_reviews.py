"""The quarterly review of who may log in, and its file for a spreadsheet."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import access_review
from campaigns.looking import What, noted
from campaigns.models import AccessReview
from campaigns.paging import page_of
from campaigns.quarters import Quarter, last_quarter
from campaigns.today import house_zone
from customers.calendars import local_day

REVIEW = permission_required("campaigns.add_accessreview", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@REVIEW
@never_cache
def review(request: HttpRequest) -> HttpResponse:
    """Show who may log in and what they did in the last quarter; note who looked."""
    zone = house_zone()
    quarter = _quarter(zone)
    if request.method == "POST":
        return _confirm(request, quarter, zone)
    past = AccessReview.objects.all()
    return render(
        request,
        "campaigns/access_review.html",
        {
            "review": access_review.review(quarter, zone),
            "is_due": access_review.due(quarter.ends_before) is not None,
            "last": past.filter(begins_on=quarter.begins_on).first(),
            "page": page_of(past, request.GET.get("page")),
            "zone": zone,
        },
    )


def _quarter(zone: str) -> Quarter:
    return last_quarter(local_day(timezone.now(), zone))


def _confirm(request: HttpRequest, quarter: Quarter, zone: str) -> HttpResponse:
    """Note the review of the quarter that was on the page, if it is still the last."""
    if request.POST.get("quarter") != quarter.begins_on.isoformat():
        messages.warning(request, "It is another quarter. Nothing was noted: look.")
        return redirect("access-review")
    is_new = access_review.confirm(
        quarter=quarter,
        by=request.user.get_username(),
        zone=zone,
        now=timezone.now(),
    )
    said = "is noted." if is_new else "was noted already and stays as it is."
    messages.success(request, f"The review of {quarter} {said}")
    return redirect("access-review")


@require_safe
@REVIEW
@never_cache
def review_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Serve the logins as a file for a spreadsheet, and write that down too."""
    zone = house_zone()
    quarter = _quarter(zone)
    noted(request, What.LOG, which=f"access review {quarter.begins_on}")
    answer = StreamingHttpResponse(
        access_review.as_csv(access_review.review(quarter, zone)),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = (
        f'attachment; filename="access-review-{quarter.begins_on:%Y%m%d}.csv"'
    )
    return answer
