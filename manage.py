#!/usr/bin/env python
"""The command line of Duly."""

from __future__ import annotations

import os
import sys

# They start programs and touch no table: without the models of Duly they begin a second
# sooner, and "up", which stays, takes less than half of the memory.
WITHOUT_MODELS = ("run_embedded", "up")


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line, load_command_class
    except ImportError:
        sys.exit("Django is not installed here. Run 'make setup' first.")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import OperationalError

    try:
        if sys.argv[1:] and sys.argv[1] in WITHOUT_MODELS:
            # What is wrong with the settings is told before anything is started.
            settings.INSTALLED_APPS  # noqa: B018
            load_command_class("config", sys.argv[1]).run_from_argv(sys.argv)
        else:
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings are not right. {error}")
    except OperationalError as error:
        sys.exit(
            f"PostgreSQL cannot be used: {str(error).strip().splitlines()[0]}\n"
            "Start the embedded services with 'manage.py up', put "
            "'manage.py run_embedded --' in front of the command, or set DATABASE_URL."
        )


if __name__ == "__main__":
    main()
