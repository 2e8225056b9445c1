"""Pages over real HTTP, with many customers in the house: p95 and requests a second.

The web server as the Dockerfile starts it, two processes; the visitors are threads of
this process on the same machine, so that their work is part of what is measured. One
customer in ten was written to and holds a link.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.tick import run as run_pass
from consent.links import mint, store_notice_links
from customers.models import Customer
from notices.models import Notice
from tests.bench.bench_plan import _fresh
from tests.bench.ledgers import NOW, add_late_customers, make_house, peak_rss_mb

ONE_IN = 10
VISITS, RUSH, CROWD = 300, 3_000, 8


def run(n: int) -> dict[str, Any]:
    """Measure the pages of staff and customers in a house of ``n`` customers."""
    campaign = make_house()
    add_late_customers("W-", max(n // ONE_IN, 1))
    run_pass(campaign=_fresh(campaign), now=NOW)
    add_late_customers("C-", n - max(n // ONE_IN, 1))
    references = _open_links()
    numbers = list(
        Customer.objects.order_by("number").values_list("pk", "number")[: VISITS * 3]
    )
    pages: dict[str, list[str]] = {
        "today": ["/"],
        "campaign": [f"/campaigns/{campaign.pk}/"],
        "search": [f"/customers/?q={number}" for _, number in numbers],
        "customer": [f"/customers/{pk}/" for pk, _ in numbers],
    }
    links = [f"/r/{mint(one).token}" for one in references]
    with _server() as port:
        staff = {
            f"{name}_p95_ms": _p95_ms(port, paths, _logged_in())
            for name, paths in pages.items()
        }
        own = _p95_ms(port, links, "")
        rush = _rush(port, links)
    return {
        "bench": "pages",
        "n": n,
        "links": len(links),
        **staff,
        "own_page_p95_ms": own,
        "own_page_per_s": round(rush),
        "peak_rss_mb": peak_rss_mb(),
    }


def _open_links() -> list[str]:
    """Open the links of all that was written, as sending would; return references."""
    rows = list(Notice.objects.values_list("reference", "customer_id"))
    for at in range(0, len(rows), 5_000):
        store_notice_links(rows[at : at + 5_000], now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [reference for reference, _ in random.sample(rows, min(len(rows), RUSH))]


@contextmanager
def _server() -> Iterator[int]:
    """Run the web server on a free port until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    program = [sys.executable, "-m", "gunicorn", "config.wsgi"]
    options = [f"--bind=127.0.0.1:{port}", "--workers=2", "--threads=4"]
    server = subprocess.Popen(
        [*program, *options, "--log-level=error", "--no-control-socket"],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "BENCH_DATABASE": connection.settings_dict["NAME"],
            "SECRET_KEY": settings.SECRET_KEY,
        },
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if _get(port, "/healthz", "") == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The web server does not answer.")


def _logged_in() -> str:
    """Return the cookie of somebody who may see everything."""
    user, _ = get_user_model().objects.get_or_create(
        username="bench", is_superuser=True, is_staff=True
    )
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def _get(port: int, path: str, cookie: str) -> int:
    """Fetch a page whole; return its status."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        response = line.getresponse()
        response.read()
        return response.status
    finally:
        line.close()


def _p95_ms(port: int, paths: Sequence[str], cookie: str) -> float:
    """Return the 95th percentile of one visitor after another, in milliseconds."""
    times = []
    for visit in range(VISITS):
        started = time.perf_counter()
        status = _get(port, paths[visit % len(paths)], cookie)
        times.append((time.perf_counter() - started) * 1000)
        assert status == 200, (paths[visit % len(paths)], status)
    # The first visits warm each process up.
    return round(statistics.quantiles(times[VISITS // 10 :], n=20)[-1], 1)


def _rush(port: int, paths: Sequence[str]) -> float:
    """Return how many pages a second a crowd gets."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CROWD) as crowd:
        statuses = list(
            crowd.map(lambda at: _get(port, paths[at % len(paths)], ""), range(RUSH))
        )
    assert set(statuses) == {200}
    return RUSH / (time.perf_counter() - started)
