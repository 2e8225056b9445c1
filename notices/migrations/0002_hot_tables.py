"""Room in each page for the state changes of a notice, and an eager vacuum."""

from __future__ import annotations

from django.db import migrations

SET = """
ALTER TABLE notices_notice
    SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE notices_attempt
    SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
"""

RESET = """
ALTER TABLE notices_attempt RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE notices_notice RESET (fillfactor, autovacuum_vacuum_scale_factor);
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_first_tables")]

    operations = [migrations.RunSQL(SET, RESET)]
