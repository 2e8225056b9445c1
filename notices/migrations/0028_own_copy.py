"""What is asked before a copy opens, and the message that a copy of all data is ready."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0027_lean_attempts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="templateversion",
            name="template_version_kind_known",
        ),
        migrations.AddField(
            model_name="brand",
            name="asks_before_copies",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nothing: the link in a message is enough"),
                    ("postcode", "Their postcode, or else their phone number"),
                    ("phone", "Their phone number, or else their postcode"),
                ],
                db_default="postcode",
                default="postcode",
                help_text="Asked on the customer's own page before the copy of an invoice or of all their data opens; never what the message with the link tells already, as a letter tells the postcode. Whoever has neither on file is given your contact. Copies attached to an e-mail are not asked for.",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asks_before_copies__in", ["", "postcode", "phone"])
                ),
                name="brand_asks_a_known_fact",
            ),
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
                            "own_copy",
                            "stop_confirmation",
                            "help_reply",
                        ],
                    )
                ),
                name="template_version_kind_known",
            ),
        ),
    ]
