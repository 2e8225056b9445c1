"""Whether somebody wants to be called is kept like what they agreed to."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0003_methods_of_stopping"),
        ("customers", "0003_invoice_copies"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consentevent",
            name="consent_event_subject_known",
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="subject",
            field=models.CharField(
                choices=[
                    ("e_delivery", "Bills and notices by e-mail"),
                    ("sms", "Text messages"),
                    ("call", "Phone calls"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="consentstate",
            name="subject",
            field=models.CharField(
                choices=[
                    ("e_delivery", "Bills and notices by e-mail"),
                    ("sms", "Text messages"),
                    ("call", "Phone calls"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject__in", ["e_delivery", "sms", "call"])),
                name="consent_event_subject_known",
            ),
        ),
    ]
