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
    reads = answers.filter(kind="read").order_by("pk").values_list("pk", flat=True)
    ways: dict[str, list[int]] = {way: [] for way in WAYS}
    for pk in reads.iterator(chunk_size=CHUNK):
        way = _way(answers, pk)
        if way in ways:
            ways[way].append(pk)
    for way, keys in ways.items():
        for at in range(0, len(keys), CHUNK):
            answers.filter(pk__in=keys[at : at + CHUNK]).update(way=way)


def _way(answers: Any, pk: int) -> str:
    try:
        facts = answers.values_list("facts", flat=True).get(pk=pk)
    except VaultError:
        return ""
    return str((facts or {}).get("by", ""))


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
