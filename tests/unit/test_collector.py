"""A worker looks through new objects alone, and seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from celery.signals import worker_process_init

import config.celery
from config.collector import SOME_BATCHES

assert config.celery  # what is imported is what is connected


@pytest.fixture
def collector() -> Iterator[None]:
    """Leave the collector of this process as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collector")
def test_a_worker_leaves_alone_what_stays_for_its_life() -> None:
    worker_process_init.send(None)
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == SOME_BATCHES
