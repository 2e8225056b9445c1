"""Settings from the environment fail loudly and name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, keys
from customers.vault import new_key


@pytest.mark.parametrize("value", ["yes", "1", "true"])
def test_a_flag_knows_two_words_only(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DEBUG", value)

    with pytest.raises(ImproperlyConfigured, match="DEBUG must be True or False"):
        env.flag("DEBUG", default=False)


@pytest.mark.parametrize("value", ["-1", "1", "ten", "1.5"])
def test_a_number_has_a_least_value(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("LEASE_SECONDS", value)

    with pytest.raises(ImproperlyConfigured, match="LEASE_SECONDS must be"):
        env.number("LEASE_SECONDS", 600, least=2)


def test_a_secret_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("hush\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    assert env.secret("SECRET_KEY") == "hush"


def test_a_secret_file_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", "/nowhere/key")

    with pytest.raises(ImproperlyConfigured, match="/nowhere/key"):
        env.secret("SECRET_KEY")


def test_another_database_than_postgresql_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL only"):
        env.database("sqlite:///duly.db")


def test_a_database_url_is_read_by_libpqs_rules() -> None:
    url = "postgresql://anna:p%40ss@/duly?host=%2Ftmp%2Fa%20b&port=5433&sslmode=disable"

    found = env.database(url)

    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("anna", "p@ss", "duly")
    assert (found["HOST"], found["PORT"]) == ("/tmp/a b", "5433")
    assert found["OPTIONS"] == {"sslmode": "disable"}


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://u:p%3A@mail.example", 587, True, False),
        ("smtps://mail.example:4465", 4465, False, True),
    ],
)
def test_a_mail_url_gives_djangos_settings(
    url: str, port: int, tls: bool, ssl: bool
) -> None:
    found = env.mail(url)

    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (
        port,
        tls,
        ssl,
    )


@pytest.mark.parametrize("url", ["mail.example", "http://x", "smtp://", "smtp://h:x"])
def test_a_bad_mail_url_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        env.mail(url)


def test_a_given_database_needs_field_keys(monkeypatch):
    monkeypatch.delenv("FIELD_KEYS", raising=False)

    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS is not set"):
        keys.field_keys("", required=True)

    assert keys.field_keys("", required=False) == ""


def test_field_keys_of_the_environment_win_and_are_checked(monkeypatch):
    theirs, ours = f"k2:{new_key()}", f"k1:{new_key()}"
    monkeypatch.setenv("FIELD_KEYS", theirs)
    assert keys.field_keys(ours, required=True) == theirs

    monkeypatch.setenv("FIELD_KEYS", "k2:short")
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS cannot be read"):
        keys.field_keys(ours, required=True)
