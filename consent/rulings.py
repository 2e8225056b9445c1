"""What is done to rules of law: installed, proposed, approved, set aside, gone on with.

Each verb is one transaction. Who proposes a change never approves it, and what was
approved stands: another wording is another version.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from consent.law import Rule
from consent.lawbook import forget
from consent.models import RuleAcceptance, RulePack
from consent.models.packs import HOUSE
from consent.packs.reading import read_pack
from consent.packs.shipped import Shipped, shipped_packs

State = RulePack.State
LONGEST_WHY = 500


class RulingError(Exception):
    """A turn that a pack cannot take now; the text is for staff."""


@transaction.atomic
def install_shipped(*, now: dt.datetime) -> list[str]:
    """Put the packs that come with Duly in force where there are none of that place;
    return the codes of those that are new or were proposed.

    Where there are, an edition not seen before becomes a proposal: an upgrade changes
    nothing by itself, neither what the firm wrote nor what it relied on.
    """
    _lock()
    return [one.definition["code"] for one in shipped_packs() if _install(one, now)]


def _install(one: Shipped, now: dt.datetime) -> bool:
    code = one.definition["code"]
    edition = _fingerprint(one)
    own = RulePack.objects.filter(code=code)
    if own.filter(shipped=edition).exists() or own.filter(state=State.DRAFT).exists():
        return False
    newest = own.aggregate(newest=Max("version"))["newest"] or 0
    is_first = newest == 0
    today = now.astimezone(dt.UTC).date()
    RulePack.objects.create(
        code=code,
        version=newest + 1,
        name=one.definition["name"],
        effective_from=one.effective_from if is_first else today,
        definition=one.definition,
        state=State.IN_FORCE if is_first else State.DRAFT,
        shipped=edition,
        why="Came with Duly." if is_first else "A newer edition came with Duly.",
        proposed_by=HOUSE,
        proposed_at=now,
        decided_by=HOUSE if is_first else "",
        decided_at=now if is_first else None,
    )
    forget()
    return True


def _fingerprint(one: Shipped) -> str:
    text = json.dumps(
        [one.effective_from.isoformat(), one.definition],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def propose(
    *,
    code: str,
    definition: Mapping[str, Any],
    effective_from: dt.date,
    why: str,
    by: str,
    now: dt.datetime,
) -> RulePack:
    """Propose other rules for a place, used from ``effective_from`` on once approved.

    One's own proposal that is still open is replaced.

    :raises PackError: the definition cannot be used; it names the rule.
    :raises RulingError: a colleague's proposal is open, nothing differs, no reason.
    """
    _lock()
    why = _given(why, "Say why the rules change; who approves it will read it.")
    read_pack(definition, version=1, effective_from=effective_from)
    if definition.get("code") != code:
        raise RulingError(
            f"These rules are of {definition.get('code')}, not of {code}."
        )
    standing = newest_in_force(code)
    if standing is not None and standing.definition == dict(definition):
        raise RulingError("Nothing differs from the rules in force.")
    open_one = RulePack.objects.filter(code=code, state=State.DRAFT).first()
    if open_one is not None and open_one.proposed_by != by:
        raise RulingError(
            f"{open_one.proposed_by} has proposed a change to these rules. Approve it "
            "or set it aside first."
        )
    pack = open_one or RulePack(code=code, version=_next_version(code))
    pack.name = str(definition.get("name", code))
    pack.definition = dict(definition)
    pack.effective_from = effective_from
    pack.why = why
    pack.proposed_by = by
    pack.proposed_at = now
    pack.save()
    return pack


@transaction.atomic
def approve(*, pack: RulePack, seen: str, by: str, now: dt.datetime) -> RulePack:
    """Put a proposal in force from its day on; ``seen`` is its ``digest`` as shown.

    :raises RulingError: it is one's own, no longer open, or another one by now.
    """
    open_one = _open(pack, seen)
    if open_one.proposed_by == by:
        raise RulingError("You proposed this change. A colleague has to approve it.")
    return _decide(open_one, State.IN_FORCE, "", by, now)


@transaction.atomic
def set_aside(*, pack: RulePack, reason: str, by: str, now: dt.datetime) -> RulePack:
    """Drop a proposal: nothing changes, and it is kept with the reason.

    :raises RulingError: it is no longer open, or no reason is given.
    """
    open_one = _open(pack, None)
    reason = _given(reason, "Say why it is set aside; who proposed it will read it.")
    return _decide(open_one, State.RETIRED, reason, by, now)


@transaction.atomic
def go_on(
    *, matter: str, rules: Iterable[Rule], reason: str, by: str, now: dt.datetime
) -> RuleAcceptance:
    """Note that somebody goes on though rules are unconfirmed or overdue for review.

    :raises RulingError: no reason is given.
    """
    reason = _given(reason, "Say why you go on without counsel's word on these rules.")
    return RuleAcceptance.objects.create(
        matter=matter,
        rules=sorted({one.ident(now.date()) for one in rules}),
        reason=reason,
        by=by,
        at=now,
    )


def not_gone_on_with(
    matter: str, rules: Iterable[Rule], *, today: dt.date
) -> list[Rule]:
    """Return those of the rules that nobody has gone on with for this matter."""
    accepted: set[str] = set()
    for idents in RuleAcceptance.objects.filter(matter=matter).values_list(
        "rules", flat=True
    ):
        accepted.update(idents)
    return [one for one in rules if one.ident(today) not in accepted]


def newest_in_force(code: str) -> RulePack | None:
    """Return the newest approved version of a pack, whether its day has come or not."""
    return (
        RulePack.objects.filter(code=code, state=State.IN_FORCE)
        .order_by("-version")
        .first()
    )


def digest(pack: RulePack) -> str:
    """Return what tells a proposal from any other wording of it."""
    text = json.dumps(
        [pack.definition, pack.effective_from.isoformat()], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _open(pack: RulePack, seen: str | None) -> RulePack:
    found = RulePack.objects.select_for_update().get(pk=pack.pk)
    if found.state != State.DRAFT:
        raise RulingError(
            f"It was decided by {found.decided_by} meanwhile; nothing was changed."
        )
    if seen is not None and digest(found) != seen:
        raise RulingError("The proposal was changed meanwhile. Read it again.")
    return found


def _decide(
    pack: RulePack, state: State, answer: str, by: str, now: dt.datetime
) -> RulePack:
    pack.state, pack.answer, pack.decided_by, pack.decided_at = state, answer, by, now
    pack.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    forget()
    transaction.on_commit(forget)
    return pack


def _given(text: str, otherwise: str) -> str:
    text = " ".join(text.split())[:LONGEST_WHY]
    if not text:
        raise RulingError(otherwise)
    return text


def _next_version(code: str) -> int:
    newest = RulePack.objects.filter(code=code).aggregate(newest=Max("version"))
    return int(newest["newest"] or 0) + 1


def _lock() -> None:
    """Let one person or upgrade at a time begin a version: numbers are in a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('consent.rulepack'))")
