"""The room of permission: who may be told what, by which channel, and since when."""

from __future__ import annotations

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Consent history, its projection, suppressions and contact policies."""

    name = "consent"
    default_auto_field = "django.db.models.BigAutoField"
