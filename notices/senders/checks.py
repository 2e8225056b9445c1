"""The start-up check that whoever serves a channel in our place can be called.

Asks for its shape alone, and never whether a provider answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from notices.senders import sender_class

# As notices.senders.Sender has it; ``provider`` names its lane.
LONGEST_NAME = 20
ASKED = ("provider", "width", "__enter__", "__exit__", "send")


def check_senders(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return an error for each class of SENDERS that is missing or no sender."""
    return [
        Error(
            f"SENDERS: {path} cannot serve {channel}: {fault}.",
            hint="Name a class with the shape of notices.senders.Sender.",
            id="notices.E003",
        )
        for channel, path in settings.CHANNELS.items()
        if "." in path and (fault := _fault(path))
    ]


def _fault(path: str) -> str:
    try:
        # Made without being opened: nothing is spoken to.
        made = sender_class(path)()
    except Exception as error:
        return str(error) or type(error).__name__
    missing = [name for name in ASKED if not hasattr(made, name)]
    if missing:
        return f"it has no {', '.join(missing)}"
    is_name = isinstance(made.provider, str) and 0 < len(made.provider) <= LONGEST_NAME
    return "" if is_name else f"its provider is no name of 1 to {LONGEST_NAME} signs"
