#!/usr/bin/env python
"""The command line of Duly."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run 'make setup' first.")
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import OperationalError

    try:
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
