"""Legal: a right of its own, a group that has it, where carrying on is a yes; and what
the firm's own words are called in each language."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models

WORDS = django.core.validators.RegexValidator(
    "\\A[^\\W_]+\\*?(?:[ '’-][^\\W_]+\\*?)*\\Z",
    "Write words with single blanks between; * stands for any ending.",
)
RIGHTS = {
    "view_templateversion": "Can view text",
    "approve_templateversion": "Can approve and retire wordings",
    "bind_templateversion": (
        "Can approve wordings that bind the firm, and carrying on as a yes"
    ),
}


def make_legal(apps, schema_editor):
    """Give the role its rights; they may not be there yet in a new database."""
    content_types = apps.get_model("contenttypes", "ContentType")
    texts, _ = content_types.objects.get_or_create(
        app_label="notices", model="templateversion"
    )
    group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name="Legal")
    if not is_new:
        return
    for codename, name in RIGHTS.items():
        right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=texts, codename=codename, defaults={"name": name}
        )
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0015_calls"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="templateversion",
            options={
                "ordering": ["key", "channel", "language", "-version"],
                "permissions": [
                    ("approve_templateversion", "Can approve and retire wordings"),
                    (
                        "bind_templateversion",
                        "Can approve wordings that bind the firm, and carrying on as a "
                        "yes",
                    ),
                ],
                "verbose_name": "text",
            },
        ),
        migrations.AddField(
            model_name="brand",
            name="accepts_in",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Countries in which going on using the service counts as "
                "agreeing to a change. Only Legal fills this in; elsewhere no text "
                "says so.",
                max_length=200,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A[A-Z]{2}( [A-Z]{2})*\\Z",
                        "Write countries by their two capitals, such as “DE FR”.",
                    )
                ],
                verbose_name="carrying on is a yes in",
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="accepts_basis",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Contract and law of each country, such as “Terms, §12; BGB "
                "§675g”.",
                max_length=200,
                verbose_name="on what that rests",
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepts_in", ""),
                    models.Q(("accepts_basis", ""), _negated=True),
                    _connector="OR",
                ),
                name="brand_accepts_with_basis",
                violation_error_message="Say on what contract and law it rests that "
                "carrying on is a yes.",
            ),
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "word",
                    models.CharField(
                        help_text="Such as “bill*”.",
                        max_length=60,
                        validators=[WORDS],
                        verbose_name="English",
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                (
                    "says",
                    models.CharField(
                        help_text="What it is called there; * stands for any ending, "
                        "like “faktur*”.",
                        max_length=60,
                        validators=[WORDS],
                        verbose_name="says",
                    ),
                ),
            ],
            options={
                "ordering": ["word", "language"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("word", "language"), name="term_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("word", ""), _negated=True),
                            models.Q(("says", ""), _negated=True),
                        ),
                        name="term_whole",
                    ),
                ],
            },
        ),
        migrations.RunPython(make_legal, migrations.RunPython.noop),
    ]
