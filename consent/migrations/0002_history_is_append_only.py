"""The database itself refuses to rewrite the history of consents."""

from __future__ import annotations

from django.db import migrations

REFUSE = """
CREATE FUNCTION consent_history_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The consent history is append-only: % refused.', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER consent_event_no_rewrite
    BEFORE UPDATE OR DELETE ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_history_refuses();
CREATE TRIGGER consent_event_no_truncate
    BEFORE TRUNCATE ON consent_consentevent
    FOR EACH STATEMENT EXECUTE FUNCTION consent_history_refuses();
"""

ALLOW = """
DROP TRIGGER consent_event_no_truncate ON consent_consentevent;
DROP TRIGGER consent_event_no_rewrite ON consent_consentevent;
DROP FUNCTION consent_history_refuses();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_first_tables")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
