from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_approved_words_stand")]

    operations: list[migrations.operations.base.Operation] = []
