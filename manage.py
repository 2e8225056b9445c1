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
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
