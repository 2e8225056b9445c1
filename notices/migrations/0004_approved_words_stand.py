"""What was published before texts had a life is approved; approved words never change."""

from __future__ import annotations

from django.db import migrations

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
        migrations.RunSQL(APPROVE, migrations.RunSQL.noop),
        migrations.RunSQL(STAND, FALL),
    ]
