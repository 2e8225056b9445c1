"""Links to a copy of one's own data, and how often a link was answered wrongly."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0013_seams"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="accesslink",
            name="access_link_purpose_known",
        ),
        migrations.AddField(
            model_name="accesslink",
            name="wrong_answers",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="accesslink",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("notice", "In a message"),
                    ("grant", "To agree"),
                    ("confirm", "To confirm an address"),
                    ("fresh", "A fresh link"),
                    ("own_copy", "To a copy of one's data"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="accesslink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purpose__in", ["notice", "grant", "confirm", "fresh", "own_copy"])
                ),
                name="access_link_purpose_known",
            ),
        ),
    ]
