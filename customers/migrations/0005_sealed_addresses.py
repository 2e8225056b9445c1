"""Columns for what is sealed of customers; 0006 fills them from the plain ones."""

from __future__ import annotations

from django.db import migrations, models

import customers.blind
import customers.sealed
from customers.migrations._bytes import as_bytes


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_reply_hold")]

    operations = [
        migrations.RemoveConstraint("contactpoint", "contact_point_once"),
        migrations.RemoveConstraint("contactpoint", "contact_point_not_blank"),
        migrations.RemoveIndex("contactpoint", "contact_point_value_prefix"),
        # Out of the way: what is sealed, is sealed for the column of its final name.
        migrations.RenameField("contactpoint", "value", "value_plain"),
        migrations.RenameField("contactpoint", "raw", "raw_plain"),
        migrations.RenameField("postaladdress", "line1", "line1_plain"),
        migrations.RenameField("postaladdress", "line2", "line2_plain"),
        # So that going back can make them again before it fills them.
        migrations.AlterField(
            "contactpoint", "value_plain", models.CharField(max_length=320, default="")
        ),
        migrations.AddField(
            "contactpoint",
            "value",
            customers.sealed.SealedTextField(max_length=320, null=True),
        ),
        migrations.AddField(
            "contactpoint",
            "value_index",
            customers.blind.BlindIndexField(of="value", null=True),
        ),
        migrations.AddField(
            "contactpoint", "raw_print", models.BinaryField(default=b"")
        ),
        migrations.AddField(
            "postaladdress",
            "line1",
            customers.sealed.SealedTextField(max_length=200, null=True, blank=True),
        ),
        migrations.AddField(
            "postaladdress",
            "line1_index",
            customers.blind.BlindIndexField(of="line1", null=True),
        ),
        migrations.AddField(
            "postaladdress",
            "line2",
            customers.sealed.SealedTextField(max_length=200, null=True, blank=True),
        ),
        migrations.AddField(
            "postaladdress",
            "line2_index",
            customers.blind.BlindIndexField(of="line2", null=True),
        ),
        as_bytes(
            "hold",
            "note",
            customers.sealed.SealedTextField(max_length=500, default="", blank=True),
            table="customers_hold",
            was="varchar(500)",
        ),
        as_bytes(
            "invoicecopy",
            "body",
            customers.sealed.SealedBinaryField(),
            table="customers_invoicecopy",
            was="bytea",
        ),
        as_bytes(
            "rejectedrow",
            "cells",
            customers.sealed.SealedJSONField(
                help_text="The whole row as it stood in the file."
            ),
            table="customers_rejectedrow",
            was="jsonb",
        ),
        as_bytes(
            "rejectedrow",
            "sentence",
            customers.sealed.SealedTextField(max_length=500),
            table="customers_rejectedrow",
            was="varchar(500)",
        ),
    ]
