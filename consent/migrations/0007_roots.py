"""Every event has its place; the database refuses one that does not follow, and roots
are as append-only as what they cover."""

from __future__ import annotations

from django.db import migrations, models

# Asked once a statement over all its rows, so that a hundred thousand cost one join.
# With the unique place of each event, its being there whom it follows leaves neither
# gap nor fork.
GUARD = """
CREATE FUNCTION consent_event_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken record;
BEGIN
    SELECT added.customer_id, added.seq INTO broken
    FROM added LEFT JOIN consent_consentevent AS last
        ON last.customer_id = added.customer_id AND last.seq = added.seq - 1
    WHERE length(added.hash) <> 32 OR added.prev_hash IS DISTINCT FROM CASE
        WHEN added.seq = 1 THEN decode(repeat('00', 32), 'hex') ELSE last.hash
    END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Event % of customer % does not follow the last one: the '
            'history of consents is written by consent.ledger alone.',
            broken.seq, broken.customer_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_event_follows
    AFTER INSERT ON consent_consentevent REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION consent_event_follows();
CREATE TRIGGER consent_root_no_rewrite
    BEFORE UPDATE OR DELETE ON consent_consentroot
    FOR EACH ROW EXECUTE FUNCTION consent_history_refuses();
CREATE TRIGGER consent_root_no_truncate
    BEFORE TRUNCATE ON consent_consentroot
    FOR EACH STATEMENT EXECUTE FUNCTION consent_history_refuses();
"""

NO_GUARD = """
DROP TRIGGER consent_root_no_truncate ON consent_consentroot;
DROP TRIGGER consent_root_no_rewrite ON consent_consentroot;
DROP TRIGGER consent_event_follows ON consent_consentevent;
DROP FUNCTION consent_event_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_ledger_chain")]

    operations = [
        migrations.AlterField(
            model_name="consentevent",
            name="hash",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="prev_hash",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="record_id",
            field=models.UUIDField(editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="seq",
            field=models.PositiveIntegerField(editable=False),
        ),
        migrations.CreateModel(
            name="ConsentRoot",
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
                ("day", models.DateField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("after_event", models.BigIntegerField()),
                ("last_event", models.BigIntegerField()),
                ("size", models.PositiveBigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("previous", models.BinaryField(max_length=32)),
                ("public_key", models.BinaryField(max_length=32)),
                ("signature", models.BinaryField(max_length=64)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("previous",), name="consent_root_follows"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_event__gte", models.F("after_event"))
                        ),
                        name="consent_root_forward",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
