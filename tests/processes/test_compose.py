"""Every command of docker-compose.yml, started as it stands there, without Docker.

Only where a container has things to itself does this test put others in their place:
the ports, the folder /var/lib/duly, and the programs of the embedded services.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from config.embedded.servers import free_port
from config.embedded.valkey import valkey_program
from tests.compose import of_duly, services
from tests.house import House
from tests.processes.test_crash import fill

pytestmark = pytest.mark.processes

NOTICES = 5
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def here(words: list[str], places: dict[str, str]) -> list[str]:
    """Return a command with the places of this test for those of a container."""
    found = []
    for word in words:
        for there, place in places.items():
            word = word.replace(there, place)
        found.append(word)
    return found


def is_healthy(house: House, test: str | list[str], places: dict[str, str]) -> bool:
    """Run the health check of a service, and return whether it is content."""
    # "CMD-SHELL …" comes as a plain string; Compose's own "$$" is the shell's "$".
    words = ["sh", "-c", test] if isinstance(test, str) else test[1:]
    done = subprocess.run(
        [word.replace("$$", "$") for word in here(words, places)],
        env={**house.environment, "PATH": PATH, "HOSTNAME": platform.node()},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_the_services_of_compose_bring_a_campaign_out_together(house: House) -> None:
    """The clock ticks, the planner plans, the e-mail worker sends; all say they are
    well, and end in good order when they are told to."""
    house.write(lambda: fill(NOTICES))
    port = str(free_port())
    places = {
        "/var/lib/duly": str(house.folder),
        "0.0.0.0:8000": f"127.0.0.1:{port}",
        "config.healthcheck": f"config.healthcheck {port}",
    }
    ours = of_duly()
    migrate = ours.pop("migrate")
    first = house.start(*here(migrate["command"], places), PATH=PATH)
    assert first.wait(60) == 0, house.logs()

    running = {
        name: house.start(*here(one["command"], places), PATH=PATH)
        for name, one in ours.items()
    }

    delivered = "SELECT count(*) FROM notices_notice WHERE state = 'delivered'"
    house.wait_until(lambda: house.ask(delivered) == NOTICES, 90)
    for name, one in ours.items():
        test = one["healthcheck"]["test"]
        if name == "web":
            test = " ".join(test[1:])
        house.wait_until(lambda: is_healthy(house, test, places))  # noqa: B023
        assert running[name].poll() is None, house.logs()
    for process in running.values():
        process.send_signal(signal.SIGTERM)
    for name, process in running.items():
        assert process.wait(45) == 0, f"{name}\n{house.logs()}"


def test_the_bell_of_compose_starts_and_never_evicts(tmp_path: Path) -> None:
    port = free_port()
    words = services()["redis"]["command"]
    assert words[0] == "redis-server"
    process = subprocess.Popen(
        [str(valkey_program()), *words[1:], "--port", str(port)],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    try:
        with redis.Redis(port=port) as bell:
            deadline = time.monotonic() + 20
            while not answers(bell):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert bell.config_get("maxmemory-policy") == {
                "maxmemory-policy": "noeviction"
            }
            assert bell.config_get("save") == {"save": ""}
    finally:
        process.terminate()
        process.wait()


def answers(bell: redis.Redis) -> bool:
    """Return whether a Valkey says that it is there."""
    try:
        return bool(bell.ping())
    except redis.ConnectionError:
        return False
