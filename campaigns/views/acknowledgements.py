"""A change that was read, as staff were told: by post or by phone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from notices.acknowledging import NothingToRead, Way, acknowledge
from notices.models import Notice


@require_POST
@permission_required("notices.change_answer", raise_exception=True)
def notice_read(request: HttpRequest, reference: str) -> HttpResponse:
    """Note that the customer has read a message."""
    related = Notice.objects.select_related("customer", "stream__brand")
    notice = get_object_or_404(related, reference=reference)
    by = request.POST.get("by", "")
    if by not in {Way.SLIP, Way.PHONE}:
        return HttpResponseBadRequest("Say how you know: by post or by phone.")
    who = request.user.get_username()
    try:
        acknowledge(notice=notice, way=by, entered_by=who, now=timezone.now())
    except NothingToRead as error:
        messages.error(request, f"{error} Nothing was noted.")
    else:
        messages.success(request, "Noted: the customer has read this message.")
    return redirect("notice", reference=reference)
