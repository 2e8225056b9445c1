"""The room of people and firms, what they owe and why we wait."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers, how to reach them, what they owe, why we wait, imports."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the room's own lookup known, what it holds of people, and its keys
        checked; have instants read quickly."""
        from django.core.checks import Tags, register
        from django.db.backends.signals import connection_created

        from customers import lookups  # noqa: F401
        from customers.checks import check_keys
        from customers.holdings import make_known
        from customers.instants import read_quickly

        register(check_keys, Tags.database)
        make_known("customers.personal")
        connection_created.connect(read_quickly, dispatch_uid="customers.instants")
