from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notices", "0007_readers")]

    operations: list[migrations.operations.base.Operation] = []
