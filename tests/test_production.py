"""Dockerfile and docker-compose.yml: what they promise, looked up without Docker."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter

import pytest
from django.conf import settings

from config.celery import QUEUES
from tests.compose import FILE, of_duly, queues_of, services

ROOT = settings.BASE_DIR
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_compose_refuses_a_misspelt_file() -> None:
    """The check itself: the specification knows no "restrt"."""
    from compose_spec import PyOptions

    text = FILE.read_text("utf-8").replace("restart:", "restrt:", 1)

    with pytest.raises(ValueError, match="restrt"):
        PyOptions(apply_merge=True).from_yaml(text)


def test_every_queue_has_one_worker_service() -> None:
    served = Counter(
        queue for one in of_duly().values() for queue in queues_of(one["command"]) or []
    )

    assert served == Counter(QUEUES)


def test_there_is_one_clock() -> None:
    beats = [name for name, one in of_duly().items() if "beat" in one["command"]]

    assert beats == ["beat"]


@pytest.mark.parametrize("name", sorted(services()))
def test_a_service_comes_back_and_says_how_it_is(name: str) -> None:
    service = services()[name]

    if name == "migrate":
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]


def test_nothing_of_ours_starts_before_the_tables_are_made() -> None:
    for name, service in of_duly().items():
        waits = service["depends_on"]
        if name == "migrate":
            assert waits == {"postgres": {"condition": "service_healthy"}}
        else:
            made = "service_completed_successfully"
            assert waits["migrate"]["condition"] == made


def test_a_database_and_a_bell_elsewhere_are_named_in_env() -> None:
    """What stands under ``environment`` wins over .env, so it has to ask for it."""
    for one in of_duly().values():
        for name in ("DATABASE_URL", "REDIS_URL"):
            assert str(one["environment"][name]).startswith(f"${{{name}:-")


def test_the_bell_never_evicts() -> None:
    words = services()["redis"]["command"]

    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


def test_images_go_by_their_plain_names() -> None:
    """No registry is named: whoever builds it has one of his own."""
    named = [one["image"] for one in services().values()]
    named += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert [name for name in named if "/" in name] == []


def test_the_image_has_what_letters_are_printed_with() -> None:
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    wanted = set(re.findall(r"\b(?:lib(?:pango|harfbuzz)\S*|fonts-\S+)", ci))

    assert len(wanted) >= 7
    assert {name for name in wanted if name not in DOCKERFILE.split()} == set()


def test_the_image_runs_as_nobody_in_particular() -> None:
    last = DOCKERFILE.rpartition("FROM ")[2]

    assert re.search(r"^USER duly$", last, re.MULTILINE)


def test_web_runs_as_the_image_does_by_itself() -> None:
    found = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)

    assert found
    assert (
        tomllib.loads(f"command = {found[1]}")["command"]
        == (services()["web"]["command"])
    )


def test_the_image_gets_the_products_own_packages_and_no_others() -> None:
    """The Dockerfile's own line picks them, and the lock has a hash for each."""
    found = re.search(r"^RUN python -c '(.*)' >production.txt", DOCKERFILE, re.M)
    assert found
    picked = subprocess.run(
        [sys.executable, "-c", found[1]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert picked == project["dependencies"]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for requirement in picked:
        name, _, version = re.sub(r"\[.*\]", "", requirement).partition("==")
        pinned = rf"^{re.escape(name)}=={re.escape(version)} \\\n    --hash=sha256:"
        assert re.search(pinned, lock, re.MULTILINE), requirement
