"""What machines ask: does the process live, may it have visitors, how is the house.

None of them says why: a stranger learns "not ready" and nothing more. The numbers of
/metrics are for a token, or for whoever asks from this very machine where no proxy
stands in front; to anybody else the address does not exist.
"""

from __future__ import annotations

import hmac
import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notices import health, metering

log = logging.getLogger(__name__)

PLAIN = "text/plain; charset=utf-8"
LOOPBACK = frozenset({"127.0.0.1", "::1"})


@login_not_required
@never_cache
@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """Say that this process lives; asks nobody else."""
    return HttpResponse("ok\n", content_type=PLAIN)


@login_not_required
@never_cache
@require_safe
def readyz(_: HttpRequest) -> HttpResponse:
    """Say whether visitors may come: database, tables and Redis are as they must be."""
    if _tables_are_current() and health.broker_answers():
        return HttpResponse("ready\n", content_type=PLAIN)
    return HttpResponse("not ready\n", status=503, content_type=PLAIN)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures of the house to Prometheus."""
    if not _may_measure(request):
        raise Http404
    body = metering.measure(now=timezone.now())
    return HttpResponse(body, content_type=metering.CONTENT_TYPE)


def _tables_are_current() -> bool:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        log.warning("Not ready, the database cannot be asked: %s", error)
        return False
    if missing:
        log.warning("Not ready, %s migrations are to be applied.", len(missing))
    return not missing


def _may_measure(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}"
        return hmac.compare_digest(given.encode(), wanted.encode())
    # Behind a proxy everybody comes from this machine.
    return settings.DEBUG or (
        not settings.BEHIND_PROXY
        and not settings.HTTPS
        and not {"X-Forwarded-For", "Forwarded", "Via"} & set(request.headers)
        and request.META.get("REMOTE_ADDR") in LOOPBACK
    )
