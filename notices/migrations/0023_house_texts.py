"""Kinds of the texts by which the house answers what was asked for on a page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0022_consent_texts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="templateversion",
            name="template_version_kind_known",
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "upcoming",
                            "friendly",
                            "reminder",
                            "call",
                            "formal",
                            "final",
                            "paperless",
                            "paperless_stopped",
                            "payment_address",
                            "bank_details",
                            "minimum_payment",
                            "bill_date",
                            "amount",
                            "terms",
                            "procedure",
                            "our_details",
                            "your_details",
                            "promise_confirmed",
                            "promise_broken",
                            "plan_confirmed",
                            "part_payment",
                            "payment_thanks",
                            "apology",
                            "correction",
                            "appointment",
                            "event",
                            "consent_sample",
                            "consent_receipt",
                            "fresh_link",
                            "confirm_address",
                            "address_asked",
                            "stop_confirmation",
                            "help_reply",
                        ],
                    )
                ),
                name="template_version_kind_known",
            ),
        ),
    ]
