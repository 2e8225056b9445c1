"""Consents may be withdrawn by text, by reply and through the provider."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_history_is_append_only"),
        ("customers", "0004_reply_hold"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consentevent",
            name="consent_event_method_known",
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="method",
            field=models.CharField(
                choices=[
                    ("import", "Import"),
                    ("agent", "Told to staff"),
                    ("sms_keyword", "Text message"),
                    ("reply", "Reply to an e-mail"),
                    ("provider", "Told by the provider"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "method__in",
                        ["import", "agent", "sms_keyword", "reply", "provider"],
                    )
                ),
                name="consent_event_method_known",
            ),
        ),
    ]
