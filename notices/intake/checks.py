"""Refuses to start while a provider in use could not be told from a stranger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from notices.intake import providers


def check_hooks(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return an error for each secret that is missing."""
    found: list[CheckMessage] = [
        Error(
            f"{variable} is not set, so calls of {provider} cannot be verified and "
            "are all refused.",
            hint=f"Set it to what {provider} was told, such as: {example}.",
            id="notices.E001",
        )
        for provider in sorted(providers.in_use())
        for variable, example in providers.missing(provider)
    ]
    found += [
        Error(
            f"HOOK_PROVIDERS names {name!r}, which is no provider Duly knows.",
            hint=f"Known are: {', '.join(sorted(providers.PROVIDERS))}.",
            id="notices.E002",
        )
        for name in providers.unknown_names()
    ]
    return found
