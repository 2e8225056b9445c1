"""The house itself: settings, addresses, workers and the embedded stack."""

from __future__ import annotations

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Management commands that belong to no room."""

    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the workers' settings those of every process, also of the web."""
        from config.celery import app

        app.set_default()
