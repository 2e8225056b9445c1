"""The print room: what waits to be printed, the runs, what was posted and came back.

Looking is for everybody who may log in; making, closing and posting a run needs the
right to run the print room. Their files are in print_files.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from campaigns.forms_printing import PostedForm, ReturnedForm
from campaigns.paging import page_of
from customers.acting import who
from customers.calendars import local_day
from notices.models import Brand, PrintItem, PrintRun
from notices.printing import forecast, posting, runs
from notices.printing.returns import Returned, mark_returned
from notices.printing.runs import PrintRunError
from notices.served import printed_channels

RUN = permission_required("notices.run_print", raise_exception=True)
STOP_POLLING = 286
MOST_PULLED = 100


@require_safe
def print_room(request: HttpRequest) -> HttpResponse:
    """Show what waits to be printed, and the runs, newest first."""
    waits = Q(items__state=PrintItem.State.WAITING)
    newest_first = PrintRun.objects.order_by("-opened_at", "-pk")
    found = newest_first.select_related("brand").annotate(
        gathered=Count("items", filter=waits)
    )
    return render(
        request,
        "notices/print_room.html",
        {
            "waiting": forecast.waiting(timezone.now()),
            "page": page_of(found, request.GET.get("page")),
        },
    )


@require_POST
@RUN
def print_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Gather the due letters of a firm into a run."""
    brand = get_object_or_404(Brand, pk=pk)
    channel = request.POST.get("channel", "letter")
    if channel not in printed_channels():
        raise Http404("Nothing of that channel is printed here.")
    try:
        run = runs.open_run(
            brand=brand, channel=channel, now=timezone.now(), by=who(request)
        )
    except PrintRunError as error:
        messages.error(request, str(error))
        return redirect("print-room")
    return redirect("print-run", pk=run.pk)


@require_safe
def print_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one run: what it takes, its files, its letters, and what was taken out."""
    run = find_run(pk)
    pulled = run.items.filter(state=PrintItem.State.PULLED)
    letters = run.items.exclude(state=PrintItem.State.PULLED)
    return render(
        request,
        "notices/print_run.html",
        {
            "run": run,
            "zone": run.brand.time_zone,
            "estimate": forecast.estimate(run) if run.state == "open" else None,
            "total": run.items.count(),
            "files": run.files.defer("body"),
            "pulled": pulled.select_related("notice__customer")[:MOST_PULLED],
            "page": page_of(
                letters.select_related("notice__customer"), request.GET.get("page")
            ),
            "events": run.events.all()[:50],
            "may_take_back": not posting.why_not_taken_back(run, timezone.now()),
        },
    )


@require_safe
@never_cache
def print_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the live part of a run that is being closed; reload at its end."""
    run = find_run(pk)
    if run.state != PrintRun.State.CLOSING:
        answer = HttpResponse(status=STOP_POLLING)
        answer["HX-Refresh"] = "true"
        return answer
    return render(
        request,
        "notices/print_progress.html",
        {"run": run, "total": run.items.count()},
    )


@require_POST
@RUN
def print_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a run printed to files by the workers."""
    run = find_run(pk)
    try:
        runs.begin_closing(run=run, now=timezone.now(), by=who(request))
    except PrintRunError as error:
        messages.error(request, str(error))
    return redirect("print-run", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@RUN
def print_posted(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask on which day a run was posted, and note it."""
    run = find_run(pk)
    today = local_day(timezone.now(), run.brand.time_zone)
    form = PostedForm(request.POST or None, initial={"posted_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            posting.mark_posted(
                run=run,
                posted_on=form.cleaned_data["posted_on"],
                now=timezone.now(),
                by=who(request),
            )
        except PrintRunError as error:
            form.add_error("posted_on", str(error))
        else:
            messages.success(request, f"Run {run} is marked as posted.")
            return redirect("print-run", pk=pk)
    return render(
        request,
        "notices/print_posted.html",
        {"run": run, "form": form},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@RUN
def print_unposted(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a run was marked as posted by mistake, and take that back."""
    run = find_run(pk)
    if request.method != "POST":
        why = posting.why_not_taken_back(run, timezone.now())
        context = {"run": run, "why_not": why}
        return render(request, "notices/print_unposted.html", context)
    try:
        posting.take_back_posting(run=run, now=timezone.now(), by=who(request))
    except PrintRunError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"Run {run} is not posted. Its letters lie in the house."
        )
    return redirect("print-run", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@RUN
def print_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to give up a run, and do it."""
    run = find_run(pk)
    if request.method != "POST":
        return render(request, "notices/print_cancel.html", {"run": run})
    try:
        posting.cancel_run(run=run, now=timezone.now(), by=who(request))
    except PrintRunError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"Run {run} is cancelled. Its letters are in line again."
        )
    return redirect("print-run", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@RUN
def print_returned(request: HttpRequest) -> HttpResponse:
    """Take the codes of letters that came back, one after the other."""
    form = ReturnedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            returned = mark_returned(
                **form.cleaned_data, now=timezone.now(), by=who(request)
            )
        except PrintRunError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _sentence(returned))
            return redirect("print-returned")
    lately = PrintItem.objects.filter(returned_on__isnull=False)
    return render(
        request,
        "notices/print_returned.html",
        {
            "form": form,
            "lately": lately.select_related("notice__customer", "run__brand").order_by(
                "-returned_on", "-id"
            )[:25],
        },
        status=422 if form.errors else 200,
    )


def _sentence(returned: Returned) -> str:
    item = returned.item
    reference, name = item.notice.reference, item.notice.customer.name
    if not returned.is_new:
        return f"{reference} was noted before, on {item.returned_on:%-d %B %Y}."
    if returned.address_marked:
        return (
            f"Noted: {reference} to {name} came back. The address is marked; the next "
            "step takes another way."
        )
    return (
        f"Noted: {reference} to {name} came back. The customer has another address by "
        "now, so that one stays."
    )


def find_run(pk: int) -> PrintRun:
    """Return a run with its firm.

    :raises Http404: there is none.
    """
    return get_object_or_404(PrintRun.objects.select_related("brand"), pk=pk)
