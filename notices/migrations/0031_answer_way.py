"""By which way an answer came: a message of ours orders the next one only if that is
how the customer answered it.

Everything but “I have read this” could be told on the customer's page alone. How that
was told lies sealed among its facts; where it cannot be opened it stays blank.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from customers.vault import VaultError

WAYS = ("page", "sms", "slip", "phone")
CHUNK = 500


def fill(apps: Any, schema_editor: Any) -> None:
    answers = apps.get_model("notices", "Answer").objects
    answers.exclude(kind="read").update(way="page")
    keys = list(answers.filter(kind="read").values_list("pk", flat=True))
    for at in range(0, len(keys), CHUNK):
        told = _told(answers, keys[at : at + CHUNK])
        for way in WAYS:
            answers.filter(pk__in=[pk for pk in told if told[pk] == way]).update(
                way=way
            )


def _told(answers: Any, keys: list[int]) -> dict[int, str]:
    """Return what stands in the facts of these answers, of those that can be opened."""
    try:
        facts = dict(answers.filter(pk__in=keys).values_list("pk", "facts"))
    except VaultError:
        # One that cannot be opened takes its neighbours along: each by itself then.
        alone = [[pk] for pk in keys] if len(keys) > 1 else []
        return {pk: way for one in alone for pk, way in _told(answers, one).items()}
    return {pk: str((told or {}).get("by", "")) for pk, told in facts.items()}


class Migration(migrations.Migration):
    dependencies = [("notices", "0030_opt_in_phone")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="way",
            field=models.CharField(
                blank=True,
                choices=[
                    ("page", "on their page"),
                    ("sms", "by text message"),
                    ("slip", "by a slip or letter sent back"),
                    ("phone", "on the phone"),
                ],
                db_default="",
                default="",
                help_text="By which way it came; empty where nobody knows any more.",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["", "page", "sms", "slip", "phone"])),
                name="answer_way_known",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
