"""What leaves the print room as a file: runs, lists of letters, single letters again.

Taking letters and addresses out of the house needs the right to export.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.looking import What, noted
from campaigns.today import house_zone
from campaigns.views.printing import RUN, find_run
from customers.calendars import local_day
from notices.models import PrintFile, PrintItem, PrintRun
from notices.printing import manifest, paper
from notices.printing.folder import body_of, manifest_name
from notices.printing.pages import cut_out
from notices.printing.runs import PrintRunError, note_reprint

EXPORT = permission_required("notices.export_print", raise_exception=True)
PDF = "application/pdf"


@require_safe
@EXPORT
@never_cache
def print_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Serve one PDF of a run, byte for byte as it was stored."""
    file = get_object_or_404(PrintFile, run=pk, number=number)
    if file.run.state == PrintRun.State.CANCELLED:
        raise Http404("The run was cancelled; its letters are in line again.")
    body = _checked(file)
    noted(request, What.PRINT_FILE, which=file.name)
    return _download(body, file.name, PDF)


@require_safe
@EXPORT
@never_cache
def print_manifest_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve the list of the letters of a run for a spreadsheet."""
    run = find_run(pk)
    noted(request, What.ADDRESS_LIST, which=manifest_name(run, "csv"))
    return _download(
        manifest.as_csv(run), manifest_name(run, "csv"), "text/csv; charset=utf-8"
    )


@require_safe
@EXPORT
@never_cache
def print_manifest_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve the list of the letters of a run for a machine."""
    run = find_run(pk)
    noted(request, What.ADDRESS_LIST, which=manifest_name(run, "json"))
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


@require_safe
@EXPORT
@never_cache
def paper_accounts(request: HttpRequest) -> StreamingHttpResponse:
    """Serve the list of the accounts still on paper, for the printer of the bills."""
    day = local_day(timezone.now(), house_zone())
    noted(request, What.ADDRESS_LIST, which="accounts still on paper")
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
        note_reprint(
            run=run, what=what, now=timezone.now(), by=request.user.get_username()
        )
    except PrintRunError as error:
        messages.error(request, str(error))
        return redirect("print-run", pk=run.pk)
    noted(request, What.PRINT_FILE, which=name)
    return _download(body, name, PDF)


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


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
