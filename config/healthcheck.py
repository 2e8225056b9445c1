"""``python -m config.healthcheck``: does the web server of this container answer?

Asks as a browser would that the proxy lets through; exit code 0 says yes. Standard
library only, since it runs every half minute.
"""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT_SECONDS = 5


def main(port: int = 8000) -> None:
    """Ask whether it lives, and end with 0 when it says so."""
    hosts = os.environ.get("ALLOWED_HOSTS", "").split(",")
    host = hosts[0].strip().lstrip("*.") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"No answer: {error}")
    finally:
        connection.close()
    if status >= 400:
        sys.exit(f"The answer was {status}.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
