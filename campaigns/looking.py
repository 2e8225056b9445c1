"""Writes down which documents staff read or take, from the pages that show them.

The one table a page may write to that is only looked at: a log of looking.
"""

from __future__ import annotations

from django.http import HttpRequest

from customers.access import What, note_access

__all__ = ["What", "noted"]


def noted(
    request: HttpRequest, what: str, *, which: str, whose: int | None = None
) -> None:
    """Write down that whoever asks gets this document; HEAD gets none."""
    if request.method != "HEAD":
        note_access(
            who=request.user.get_username(), what=what, whose=whose, which=which
        )
