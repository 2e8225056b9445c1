"""The room of messages: wording, rendering, channels, dispatch and proof."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Brands, templates, notices, attempts and what providers told us."""

    name = "notices"
    default_auto_field = "django.db.models.BigAutoField"
