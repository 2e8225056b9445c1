"""The room of messages: wording, rendering, channels, dispatch and proof."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Brands, templates, notices, attempts and what providers told us."""

    name = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the system check ask for secrets and classes of providers in use."""
        from django.core.checks import register

        from customers.holdings import make_known
        from notices.intake.checks import check_hooks
        from notices.senders.checks import check_senders

        register(check_hooks)
        register(check_senders)
        make_known("notices.personal")
