"""Real processes that fail with people's data in hand, and what their logs say."""

from __future__ import annotations

import socket
import sys
import urllib.error
import urllib.request

import pytest

from tests.house import House

pytestmark = pytest.mark.processes

TOKEN = "7qk2m9xw4btd0123456789abcd"
RING = """
from config.celery import app
app.send_task("campaigns.tasks.make_export", ("alice@example.com",), queue="intake")
"""


def test_no_process_writes_down_an_address_or_the_key_of_a_link(house: House) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    house.start(
        sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}",
        "--no-control-socket", "--access-logfile=-",
    )  # fmt: skip
    house.start_worker()
    house.manage("shell", "-c", RING)
    pages = (f"/r/{TOKEN}", "/customers/?q=alice%40example.com", "/u/+447700900123")
    for page in pages:
        house.wait_until(lambda page=page: _asked(port, page))

    house.wait_until(lambda: "raised unexpected" in _logs(house))
    house.wait_until(lambda: _logs(house).count("GET /") >= len(pages))

    told = _logs(house)
    assert "ValueError" in told
    assert "[e-mail]" in told
    assert "GET /r/7qk2…" in told
    for secret in (TOKEN, "alice", "7700900123"):
        assert secret not in told, secret


def _asked(port: int, page: str) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _logs(house: House) -> str:
    return "".join(
        log.read_text("utf-8", "replace") for log in sorted(house.folder.glob("*.log"))
    )
