"""Sealed columns: what they take, what they give back, and what cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection
from django.db.models import F, Q
from django.test.utils import isolate_apps

from customers.blind import BlindIndexField, Indexed, IndexedQuerySet
from customers.sealed import (
    SealedBinaryField,
    SealedJSONField,
    SealedTextField,
    opened_text,
    sealed_json,
    sealed_text,
)
from customers.vault import VaultError, new_key

pytestmark = pytest.mark.django_db
KEYS = f"k1:{new_key()}"


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.FIELD_KEYS = KEYS


@pytest.fixture
def secret() -> Iterator[type[Any]]:
    """Return a model with a column of each sort, its table made for this test."""
    with isolate_apps("customers"):

        class Secret(Indexed):
            text = SealedTextField(max_length=20, null=True, blank=True)
            index = BlindIndexField(of="text", null=True)
            other = SealedTextField(default="", blank=True)
            bits = SealedBinaryField(null=True)
            facts = SealedJSONField(null=True, blank=True)

            objects = IndexedQuerySet.as_manager()

            class Meta:
                app_label = "customers"

        with connection.schema_editor() as editor:
            editor.create_model(Secret)
        yield Secret


def raw(column: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM customers_secret ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("text", ["ada@example.com", "", "0", "Ľubica 李\x00"])
def test_a_text_comes_back_as_it_was_and_shows_nothing(secret, text: str) -> None:
    secret.objects.create(text=text)

    assert secret.objects.get().text == text
    assert list(secret.objects.values_list("text", flat=True)) == [text]
    # A single letter may stand among random bytes.
    assert len(text) < 5 or text.encode() not in bytes(raw("text")[0])


def test_none_stays_null_and_nothing_else_becomes_it(secret) -> None:
    secret.objects.bulk_create(
        [secret(), secret(text="", bits=b"", facts={}), secret(facts=False)]
    )

    rows = secret.objects.order_by("id").values_list("text", "bits", "facts", "other")
    assert list(rows) == [
        (None, None, None, ""),
        ("", b"", {}, ""),
        (None, None, False, ""),
    ]
    assert secret.objects.filter(text__isnull=True).count() == 2
    assert secret.objects.get(bits__isnull=False).facts == {}


def test_bytes_and_json_come_back_as_they_were(secret) -> None:
    facts = {"to": ["ada@example.com"], "n": 3, "lone": "\ud800", "zero": "\x00"}
    secret.objects.create(bits=memoryview(b"\x00\xff"), facts=facts)

    kept = secret.objects.get()

    assert (kept.bits, kept.facts) == (b"\x00\xff", facts)
    assert b"ada" not in bytes(raw("facts")[0])


def test_a_decimal_in_json_is_kept_as_a_text(secret) -> None:
    secret.objects.create(facts={"sum": Decimal("1.50")})

    assert secret.objects.get().facts == {"sum": "1.50"}


@pytest.mark.parametrize(
    "asked",
    [
        Q(text="ada"),
        Q(text=None),
        Q(text__in=["ada"]),
        Q(text__among=["ada"]),
        Q(text__startswith="a"),
        Q(text__gt="a"),
        Q(text__search="a"),
        Q(text__length__gt=1),
        Q(other=F("text")),
        Q(bits=b"x"),
        Q(facts={}),
        Q(facts__to="ada"),
        Q(facts__contains={}),
    ],
)
def test_nothing_but_null_can_be_asked_of_it(secret, asked: Q) -> None:
    with pytest.raises(FieldError, match="is sealed"):
        secret.objects.filter(asked)


def test_a_value_moved_to_another_column_raises(secret) -> None:
    secret.objects.create(text="ada", other="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_secret SET other = text")

    with pytest.raises(VaultError, match=r"customers_secret\.other"):
        secret.objects.get()


def test_a_wrong_key_raises_and_gives_no_ciphertext(secret, settings) -> None:
    secret.objects.create(text="ada", facts={"a": 1})
    settings.FIELD_KEYS = f"k1:{new_key()}"

    for column in ("text", "facts", "other"):
        with pytest.raises(VaultError, match=f"customers_secret.{column}"):
            list(secret.objects.values_list(column))


def test_without_any_key_it_says_what_to_do(secret, settings) -> None:
    settings.FIELD_KEYS = ""

    with pytest.raises(VaultError, match="FIELD_KEYS"):
        secret.objects.create(text="ada")


def test_equal_values_are_found_by_their_index_under_old_keys_too(
    secret, settings
) -> None:
    secret.objects.create(text="ada")
    settings.FIELD_KEYS = f"k2:{new_key()},{KEYS}"
    secret.objects.bulk_create([secret(text="ada"), secret(text="bob"), secret()])

    found = secret.objects.having(text="ada")

    assert [one.text for one in found.order_by("id")] == ["ada", "ada"]
    assert raw("index")[3] is None


def test_an_updated_value_is_sealed_too(secret) -> None:
    one = secret.objects.create(text="ada")

    secret.objects.update(text="bob")

    assert b"bob" not in bytes(raw("text")[0])
    assert secret.objects.having(text="bob").get() == one
    assert not secret.objects.having(text="ada").exists()


def test_a_value_saved_by_itself_takes_its_index_along(secret) -> None:
    one = secret.objects.create(text="ada", other="x")
    one.text = "bob"

    one.save(update_fields=["text"])

    assert secret.objects.having(text="bob").get() == one


def test_an_empty_text_has_an_empty_index_and_none_has_none(secret) -> None:
    secret.objects.bulk_create([secret(text=""), secret()])

    assert raw("index") == [b"", None]


def test_what_raw_sql_writes_and_reads_is_the_same(secret) -> None:
    copy = "COPY customers_secret (text, other, facts) FROM STDIN"
    row = (
        sealed_text("customers_secret.text", "ada"),
        sealed_text("customers_secret.other", ""),
        sealed_json("customers_secret.facts", [1]),
    )

    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        rows.write_row(row)

    kept = secret.objects.get()
    assert (kept.text, kept.other, kept.facts) == ("ada", "", [1])
    assert opened_text("customers_secret.text", raw("text")[0]) == "ada"


def test_its_length_is_checked_in_characters(secret) -> None:
    secret(text="é" * 20).full_clean()

    with pytest.raises(ValidationError, match="20"):
        secret(text="é" * 21).full_clean()


def test_forms_show_a_line_for_a_short_text_and_a_box_for_a_long_one(secret) -> None:
    def widget(name: str) -> str:
        return type(secret._meta.get_field(name).formfield().widget).__name__

    assert [widget(name) for name in ("text", "other", "facts")] == [
        "TextInput",
        "Textarea",
        "Textarea",
    ]
