"""Ladder files: what is read, and what is refused with which words."""

from __future__ import annotations

import json

import pytest

from campaigns.ladder import Ladder, Step
from campaigns.ladder_file import LadderFileError, load, parse


def written(**changes):
    ladder = {
        "key": "short",
        "name": "Short",
        "bank_days": "weekends",
        "min_gap_days": 3,
        "group": "invoice",
        "steps": [
            {
                "key": "nudge",
                "offset_days": -5,
                "kind": "soft",
                "expires_after_days": 3,
                "channels": ["email"],
            },
            {
                "key": "last",
                "offset_days": 10,
                "kind": "formal",
                "channels": ["email", "letter"],
            },
        ],
    }
    return {**ladder, **changes}


def with_step(number, **changes):
    steps = written()["steps"]
    steps[number] = {**steps[number], **changes}
    return written(steps=steps)


def without(name):
    return {field: value for field, value in written().items() if field != name}


def test_a_ladder_is_read_with_its_steps():
    assert parse(json.dumps(written())) == Ladder(
        key="short",
        name="Short",
        bank_days="weekends",
        min_gap_days=3,
        group="invoice",
        steps=(
            Step("nudge", -5, "soft", ("email",), 3),
            Step("last", 10, "formal", ("email", "letter"), None),
        ),
    )


def test_a_soft_step_may_have_no_expiry():
    ladder = parse(json.dumps(with_step(0, expires_after_days=None)))

    assert ladder.steps[0].expires_after_days is None


@pytest.mark.parametrize(
    ("ladder", "sentence"),
    [
        ([], "the ladder must be an object"),
        (without("group"), "group of the ladder is missing"),
        (without("steps"), "steps of the ladder is missing"),
        (written(name=" "), "name of the ladder must be a word"),
        (written(grup="invoice"), "the ladder has a field 'grup' that is not known"),
        (written(group="case"), "group of the ladder must be invoice or customer"),
        (written(group=["invoice"]), "group of the ladder must be invoice or customer"),
        (written(bank_days="XX"), "bank_days of the ladder: There is no bank-day"),
        (written(min_gap_days=-1), "min_gap_days of the ladder must be a whole number"),
        (written(min_gap_days=True), "must be a whole number from 0 to 3650, not True"),
        (written(min_gap_days=1.5), "must be a whole number from 0 to 3650, not 1.5"),
        (written(steps=[]), "steps of the ladder must be a list with at least one"),
        (written(steps=["x"]), "step 1 must be an object"),
        (with_step(0, key=7), "key of step 1 must be a word"),
        (with_step(1, key="nudge"), r"key of step 2 \(nudge\) is taken"),
        (with_step(1, kind="hard"), r"kind of step 2 \(last\) must be soft or formal"),
        (with_step(1, offset_days="10"), r"offset_days of step 2 \(last\) must be"),
        (with_step(1, offset_days=99999), r"offset_days of step 2 \(last\) must be"),
        (
            with_step(1, offset_days=-9),
            r"offset_days of step 2 \(last\) is -9, earlier",
        ),
        (with_step(1, channels=[]), r"channels of step 2 \(last\) must be a list"),
        (with_step(1, channels="email"), r"channels of step 2 \(last\) must be a list"),
        (with_step(1, channels=["fax"]), r"channels of step 2 \(last\) may hold email"),
        (with_step(1, channels=[{}]), r"channels of step 2 \(last\) may hold email"),
        (with_step(1, channels=["sms", "sms"]), "names a channel twice"),
        (
            with_step(0, expires_after_days=-1),
            r"expires_after_days of step 1 \(nudge\)",
        ),
        (with_step(1, expires_after_days=3), "a formal step never expires"),
        (
            with_step(0, expire_after=3),
            r"step 1 has a field 'expire_after' that is not",
        ),
    ],
)
def test_a_fault_is_named_by_step_and_field(ladder, sentence):
    with pytest.raises(LadderFileError, match=sentence):
        parse(json.dumps(ladder))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(LadderFileError, match="it is not JSON"):
        parse(text)


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    path = tmp_path / "ladder.json"
    path.write_text(json.dumps(written()), encoding="utf-8-sig")

    assert load(path).key == "short"


def test_a_fault_in_a_file_names_the_file(tmp_path):
    path = tmp_path / "ladder.json"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(LadderFileError, match=r"ladder\.json: key of the ladder is"):
        load(path)


def test_a_file_that_is_absent_or_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "ladder.json"
    with pytest.raises(LadderFileError, match="cannot be read: No such file"):
        load(path)

    path.write_bytes(b'{"key": "\xe9"}')
    with pytest.raises(LadderFileError, match="is not UTF-8"):
        load(path)
