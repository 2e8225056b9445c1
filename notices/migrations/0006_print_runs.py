from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_announcements")]

    operations: list[migrations.operations.base.Operation] = []
