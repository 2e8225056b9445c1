"""Texts in the database, for tests of their life."""

from __future__ import annotations

import datetime as dt
from typing import Any

from notices import wordings
from notices.models import TemplateVersion
from notices.turning import Identity

NOW = dt.datetime(2026, 3, 10, 10, 0, tzinfo=dt.UTC)
REMINDER = Identity("own-reminder", "reminder", "written", "en")
BODY = "Dear customer,\n\nplease pay {{ total }} by {{ pay_by }}.\n\n{% contact %}\n"


def begun(by: str = "ann", **fields: Any) -> TemplateVersion:
    """Return a draft by Ann."""
    return wordings.draft(
        **{
            "identity": REMINDER,
            "subject": "Your bill",
            "body": BODY,
            "note": "",
            "by": by,
            "now": NOW,
        }
        | fields
    )


def approved(**fields: Any) -> TemplateVersion:
    """Return a text that Ann wrote and Bea approved."""
    version = begun(**fields)
    wordings.submit(version=version, by="ann", now=NOW)
    return wordings.approve(version=version, by="bea", now=NOW)
