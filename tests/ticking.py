"""``python -m tests.ticking``: a scheduler pass each second, till it is killed.

Beat's hurried sister for tests with processes, since beat rings every ten seconds.
Outlives its database and its bell, as beat does.
"""

from __future__ import annotations

import logging
import os
import time

import django


def main() -> None:
    """Tick for ever."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Celery must know the bell before a ring is sent.
    import config.celery  # noqa: F401

    django.setup()
    from django.db import DatabaseError, InterfaceError, close_old_connections
    from django.utils import timezone

    from campaigns import actions

    while True:
        try:
            actions.tick(now=timezone.now())
        except (DatabaseError, InterfaceError) as error:
            logging.warning("No pass: %s", error)
        close_old_connections()
        time.sleep(1)


if __name__ == "__main__":
    main()
