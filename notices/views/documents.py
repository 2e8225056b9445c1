"""Papers behind a link in an e-mail: public, without a log-in, for a while."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from notices.papers import PDF, paper_at


@login_not_required
@require_safe
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """Show the paper a link leads to; wrong and expired links look the same."""
    found = paper_at(token, timezone.now().date())
    if found is None:
        raise Http404
    name, body = found
    response = HttpResponse(body, content_type=PDF)
    response["Content-Disposition"] = (
        content_disposition_header(False, name) or "inline"
    )
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
