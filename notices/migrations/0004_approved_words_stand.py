"""What was published before texts had a life is approved; approved words never change."""

from __future__ import annotations

from django.db import migrations

# md5 of key, subject and body of the wordings that came with Duly until then: whatever
# else there is was written by the firm, and stays its own.
SHIPPED = (
    "7c4b08bb829a18a59bb186a81276803d",
    "4b68fd07dce341bef129a013e4ad65e5",
    "d196cbcabb97fbe1ebf5cdaa81dbfe33",
    "5abd0ae38dab9400176a35a9a16fa843",
    "7c05492015213b78924009de7d1ecf68",
    "4d52de76b29260ad2cd32b8bdf89ab97",
    "3d084c6eb9472a34f8bb8af06849e2d8",
    "b3050a634dee196b7774038dc4137d44",
    "6d4e51fdd2d046da025455406d28915e",
    "447009a341276fcb23931c5c9c0ec567",
    "0d8b054f50754aa8edc88a329057c3b1",
    "62c28077e28e4a25c0aa71b10884bb18",
    "2605486109fd5148e35835138981a84c",
    "eaba8884b6fa92dc52c709d1688fb36a",
    "d79401120109b2c87443f31ac9ecc76d",
    "2d068aec8bdcfccc399e180ae28f65eb",
    "9ac2cffe3603e04b5d172738691df1b6",
    "9843b346acae9a6a2dc2da40adba78d9",
)

OWN = """
UPDATE notices_templateversion SET created_by = CASE
    WHEN md5(key || '|' || subject || '|' || body) = ANY(%s) THEN 'Duly' ELSE 'before'
END
"""

APPROVE = """
UPDATE notices_templateversion SET state = 'approved', approved_by = 'Duly';
UPDATE notices_templateversion SET kind = key
WHERE key IN ('upcoming', 'friendly', 'reminder', 'call', 'formal', 'final');
"""

STAND = """
CREATE FUNCTION notices_words_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'wording % was approved and stays', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.key, NEW.kind, NEW.channel, NEW.language, NEW.version, NEW.subject,
        NEW.body, NEW.published_at, NEW.approved_by)
       IS DISTINCT FROM
       (OLD.key, OLD.kind, OLD.channel, OLD.language, OLD.version, OLD.subject,
        OLD.body, OLD.published_at, OLD.approved_by)
       OR NEW.state NOT IN ('approved', 'retired')
    THEN
        RAISE EXCEPTION 'wording % was approved, so its words stand', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER notices_words_stand
    BEFORE UPDATE OR DELETE ON notices_templateversion
    FOR EACH ROW WHEN (OLD.state IN ('approved', 'retired'))
    EXECUTE FUNCTION notices_words_stand();
"""

FALL = """
DROP TRIGGER notices_words_stand ON notices_templateversion;
DROP FUNCTION notices_words_stand();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_texts_with_a_life")]

    operations = [
        migrations.RunSQL([(OWN, [list(SHIPPED)])], migrations.RunSQL.noop),
        migrations.RunSQL(APPROVE, migrations.RunSQL.noop),
        migrations.RunSQL(STAND, FALL),
    ]
