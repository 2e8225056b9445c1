"""Bill inserts: the panel in three forms and the accounts it goes to, in one file."""

from __future__ import annotations

import tempfile
import zipfile
from typing import IO, TYPE_CHECKING

from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from campaigns.forms_inserts import InsertForm
from campaigns.looking import What, noted
from campaigns.today import house_zone
from customers.calendars import local_day
from notices.firm import brand_facts
from notices.printing import paper
from notices.render import RenderError, compile_version

if TYPE_CHECKING:
    from notices.render.insert import Insert

# Above it the file is written to disk instead of memory.
IN_MEMORY = 8 * 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("notices.export_print", raise_exception=True)
@never_cache
def bill_insert(request: HttpRequest) -> HttpResponse | FileResponse:
    """Ask for the facts of an insert, and give the files for the bill printer."""
    # With WeasyPrint: the other pages do without.
    from notices.render.insert import render_insert

    form = InsertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["text"]
        try:
            panel = render_insert(
                compile_version(version),
                brand_facts(form.cleaned_data["brand"]),
                now=timezone.now(),
                about=form.about(),
            )
        except RenderError as error:
            form.add_error(None, error.sentence)
        else:
            noted(request, What.ADDRESS_LIST, which="bill insert")
            return FileResponse(
                _archive(panel),
                as_attachment=True,
                filename=f"bill-insert-{version.key}-{version.language}.zip",
            )
    return render(
        request,
        "notices/bill_insert.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def _archive(panel: Insert) -> IO[bytes]:
    """Return the files of an insert in one archive, rewound."""
    held = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    day = local_day(timezone.now(), house_zone())
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("panel.pdf", panel.pdf)
        archive.writestr("panel.png", panel.png)
        archive.writestr("panel.txt", panel.text)
        with archive.open("accounts-on-paper.csv", "w") as accounts:
            for line in paper.as_csv(day):
                accounts.write(line)
    held.seek(0)
    return held
