"""The room of permission: who may be told what, by which channel, and since when."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConsentConfig(AppConfig):
    """Consent history, its projection, suppressions, contact policies, rules of law."""

    name = "consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the rules of law that come with Duly installed after migrating."""
        from consent.installing import after_migrate
        from customers.holdings import make_known

        post_migrate.connect(after_migrate, sender=self, dispatch_uid="consent.packs")
        make_known("consent.personal")
