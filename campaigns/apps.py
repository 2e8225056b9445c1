"""The room of campaigns: ladders, enrolments, decisions and the staff dashboard."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Ladders, campaigns, enrolments, decisions; the tick; the pages of staff."""

    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the news of payments."""
        from campaigns.receivers import settle
        from customers.holdings import make_known
        from customers.signals import payment_received

        payment_received.connect(settle, dispatch_uid="campaigns.settle")
        make_known("campaigns.personal")
