"""The print room: what waits to be printed, runs and their files, what came back.

Looking is for everybody who may log in; making, closing and posting a run needs the
right to run the print room, and taking files out of the house the right to export.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
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

from campaigns.forms_printing import PostedForm, ReturnedForm
from campaigns.paging import page_of
from campaigns.schedule import local_day
from campaigns.today import house_zone
from notices.models import Brand, PrintFile, PrintItem, PrintRun
from notices.printing import manifest, paper, runs
from notices.printing.folder import body_of, manifest_name
from notices.printing.pages import cut_out
from notices.printing.returns import Returned, mark_returned
from notices.printing.runs import PrintRunError

RUN = permission_required("notices.run_print", raise_exception=True)
EXPORT = permission_required("notices.export_print", raise_exception=True)
STOP_POLLING = 286
MOST_PULLED = 100
PDF = "application/pdf"


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
            "waiting": runs.waiting(timezone.now()),
            "page": page_of(found, request.GET.get("page")),
        },
    )


@require_POST
@RUN
def print_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Gather the due letters of a firm into a run."""
    brand = get_object_or_404(Brand, pk=pk)
    channel = request.POST.get("channel", "letter")
    if channel not in runs.printed_channels():
        raise Http404("Nothing of that channel is printed here.")
    try:
        run = runs.open_run(
            brand=brand, channel=channel, now=timezone.now(), by=_who(request)
        )
    except PrintRunError as error:
        messages.error(request, str(error))
        return redirect("print-room")
    return redirect("print-run", pk=run.pk)


@require_safe
def print_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one run: what it takes, its files, its letters, and what was taken out."""
    run = _run(pk)
    pulled = run.items.filter(state=PrintItem.State.PULLED)
    letters = run.items.exclude(state=PrintItem.State.PULLED)
    return render(
        request,
        "notices/print_run.html",
        {
            "run": run,
            "zone": run.brand.time_zone,
            "estimate": runs.estimate(run) if run.state == "open" else None,
            "total": run.items.count(),
            "files": run.files.defer("body"),
            "pulled": pulled.select_related("notice__customer")[:MOST_PULLED],
            "page": page_of(
                letters.select_related("notice__customer"), request.GET.get("page")
            ),
            "events": run.events.all()[:50],
        },
    )


@require_safe
@never_cache
def print_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the live part of a run that is being closed; reload at its end."""
    run = _run(pk)
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
    run = _run(pk)
    try:
        runs.begin_closing(run=run, now=timezone.now(), by=_who(request))
    except PrintRunError as error:
        messages.error(request, str(error))
    return redirect("print-run", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@RUN
def print_posted(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask on which day a run was posted, and note it."""
    run = _run(pk)
    today = local_day(timezone.now(), run.brand.time_zone)
    form = PostedForm(request.POST or None, initial={"posted_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            runs.mark_posted(
                run=run,
                posted_on=form.cleaned_data["posted_on"],
                now=timezone.now(),
                by=_who(request),
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
def print_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to give up a run, and do it."""
    run = _run(pk)
    if request.method != "POST":
        return render(request, "notices/print_cancel.html", {"run": run})
    try:
        runs.cancel_run(run=run, now=timezone.now(), by=_who(request))
    except PrintRunError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"Run {run} is cancelled. Its letters are in line again."
        )
    return redirect("print-run", pk=pk)


@require_safe
@EXPORT
@never_cache
def print_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Serve one PDF of a run, byte for byte as it was stored."""
    file = get_object_or_404(PrintFile, run=pk, number=number)
    if file.run.state == PrintRun.State.CANCELLED:
        raise Http404("The run was cancelled; its letters are in line again.")
    return _download(_checked(file), file.name, PDF)


@require_safe
@EXPORT
@never_cache
def print_manifest_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve the list of the letters of a run for a spreadsheet."""
    run = _run(pk)
    return _download(
        manifest.as_csv(run), manifest_name(run, "csv"), "text/csv; charset=utf-8"
    )


@require_safe
@EXPORT
@never_cache
def print_manifest_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve the list of the letters of a run for a machine."""
    run = _run(pk)
    return _download(
        manifest.as_json(run), manifest_name(run, "json"), "application/json"
    )


@require_POST
@RUN
@EXPORT
def print_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve one stored letter of a run to be printed again, and note who did so."""
    item = get_object_or_404(
        PrintItem.objects.select_related("run", "file", "notice"),
        run=pk,
        state=PrintItem.State.PRINTED,
        sequence=_whole(request.POST.get("sequence")),
    )
    assert item.file is not None  # noqa: S101  (a CHECK constraint says so)
    assert item.first_page is not None  # noqa: S101
    body = cut_out(_checked(item.file), item.first_page, item.pages)
    what = f"letter {item.sequence}, {item.notice.reference}"
    return _again(request, item.run, what, body, f"{item.notice.reference}.pdf")


@require_POST
@RUN
@EXPORT
def print_file_again(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Serve a whole stored file to be printed again, and note who did so."""
    file = get_object_or_404(
        PrintFile.objects.select_related("run"), run=pk, number=number
    )
    return _again(request, file.run, file.name, _checked(file), file.name)


@require_http_methods(["GET", "HEAD", "POST"])
@RUN
def print_returned(request: HttpRequest) -> HttpResponse:
    """Take the codes of letters that came back, one after the other."""
    form = ReturnedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            returned = mark_returned(
                **form.cleaned_data, now=timezone.now(), by=_who(request)
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


@require_safe
@EXPORT
@never_cache
def paper_accounts(request: HttpRequest) -> StreamingHttpResponse:
    """Serve the list of the accounts still on paper, for the printer of the bills."""
    day = local_day(timezone.now(), house_zone())
    answer = StreamingHttpResponse(
        paper.as_csv(day), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = (
        f'attachment; filename="accounts-on-paper-{day:%Y%m%d}.csv"'
    )
    return answer


def _again(
    request: HttpRequest, run: PrintRun, what: str, body: bytes, name: str
) -> HttpResponse:
    try:
        runs.note_reprint(run=run, what=what, now=timezone.now(), by=_who(request))
    except PrintRunError as error:
        messages.error(request, str(error))
        return redirect("print-run", pk=run.pk)
    return _download(body, name, PDF)


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


def _checked(file: PrintFile) -> bytes:
    try:
        return body_of(file)
    except PrintRunError as error:
        raise Http404(str(error)) from error


def _download(body: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _run(pk: int) -> PrintRun:
    return get_object_or_404(PrintRun.objects.select_related("brand"), pk=pk)


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
