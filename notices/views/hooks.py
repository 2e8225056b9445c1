"""What providers call: verify, keep, answer; nothing else happens in the request."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notices.intake import calls
from notices.intake.providers import Hook
from notices.intake.verify import Refused, verify, verify_headers

log = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
# Some providers try an address with HEAD when it is set up.
@require_http_methods(["POST", "HEAD"])
def receive(request: HttpRequest, hook: Hook, reference: str = "") -> HttpResponse:
    """Keep a provider's call and say 200; an unproven one is refused and forgotten.

    ``reference`` is the notice's, where the address names it.
    """
    if request.method == "HEAD":
        return HttpResponse()
    now = timezone.now()
    try:
        verify_headers(request, hook)
        body = request.read(hook.limit + 1)
        if len(body) > hook.limit:
            return HttpResponse("Too large.", status=413, content_type="text/plain")
        # Read by hand, since Django's own limit is another.
        request._body = body
        identity = verify(request, hook, now)
    except Exception as error:
        # Whatever goes wrong with the proof, there is none. The words of libraries may
        # quote the body, so only our own are logged.
        why = str(error) if isinstance(error, Refused) else type(error).__name__
        log.warning("A call to /%s was refused: %s", hook.path, why)
        return HttpResponse("Refused.", status=403, content_type="text/plain")
    calls.store(
        hook=hook,
        identity=identity,
        content_type=request.META.get("CONTENT_TYPE", ""),
        reference=reference,
        body=body,
        now=now,
    )
    return HttpResponse()
