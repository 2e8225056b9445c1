"""May this notice go to this customer by this channel now? The one place that says.

An ordered table of checks, P0 to P15 of the rule book; the first that answers wins.
The order is part of the rules: people before anything that prints their name, legal
form before preference, permanent stops before waiting (else a number that said STOP
waits for ever), caps before quiet hours. A required notice never ends in silence: it
goes, waits, moves to another channel or to a member of staff.

Refuses to know where facts come from, what time it is, and how anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from consent.decision import Decision, Obligation, Outcome, Reason
from consent.duties import obligations
from consent.facts import STOP_CONFIRMED_WITHIN, Account, Notice
from consent.reach import ADDRESS_DIED, agreed_to_email, failure
from consent.request import Request
from consent.timing import cap_in_force, provider_ttl_s, quiet_verdict

__all__ = ["Decision", "Obligation", "Outcome", "Reason", "Request", "decide"]

_PERSON_STOPS: Mapping[str, Reason] = {
    "deceased": Reason.PERSON_DECEASED,
    "bankrupt": Reason.PERSON_BANKRUPTCY,
    "represented": Reason.PERSON_REPRESENTED,
    "cease_contact": Reason.PERSON_CEASE_CONTACT,
}


def decide(request: Request) -> Decision:
    """Return whether the notice may go now, and what is to become of it otherwise.

    The same request always gets the same decision. Ask again for every DEFER and
    SUBSTITUTE, and once more in the transaction that claims the notice for sending.
    """
    for check in _CHECKS:
        decision = check(request)
        if decision is not None:
            return decision
    return _allow(request, _plain_reason(request.notice))


def _senseless(request: Request) -> Decision | None:
    """P0: an unknown word or a contradiction is for staff, never a guess."""
    fault = request.fault()
    if fault is None:
        return None
    return Decision(Outcome.REVIEW, Reason.INPUT_INVALID, cause=fault)


def _system_stop(request: Request) -> Decision | None:
    """P1: our own house is not ready to send."""
    system = request.system
    if system.kill_switch:
        return Decision(Outcome.DEFER, Reason.SYS_KILL_SWITCH)
    if not system.approved:
        return Decision(Outcome.DEFER, Reason.SYS_NOT_APPROVED)
    if system.sandbox and not system.sandbox_allowed:
        return Decision(Outcome.BLOCK, Reason.SYS_SANDBOX)
    return None


def _duplicate(request: Request) -> Decision | None:
    """P2: the same notice went out by this channel before."""
    if not request.notice.already_sent:
        return None
    return Decision(Outcome.BLOCK, Reason.DUP_ALREADY_SENT)


def _too_late(request: Request) -> Decision | None:
    """P3: past its use, or past the day the law wants it delivered."""
    if not request.notice.expires_before(request.now):
        return None
    if request.notice.is_required:
        return Decision(Outcome.REVIEW, Reason.NOTICE_DEADLINE_MISSED)
    return Decision(Outcome.BLOCK, Reason.NOTICE_EXPIRED)


def _keyword_reply(request: Request) -> Decision | None:
    """P4: the answer to STOP or HELP goes past every later check but one.

    Nothing is allowed to the deceased: P5 takes those, this reply included.
    """
    notice = request.notice
    if request.channel != "sms" or notice.is_required:
        return None
    if notice.kind == "stop_confirmation":
        if not _answers_a_fresh_stop(request):
            return Decision(Outcome.BLOCK, Reason.STOP_CONFIRM_WINDOW)
        reason = Reason.OK_STOP_CONFIRMATION
    elif notice.kind == "help_reply":
        reason = Reason.OK_HELP_REPLY
    else:
        return None
    if request.person.status == "deceased":
        return None
    return _allow(request, reason)


def _answers_a_fresh_stop(request: Request) -> bool:
    revoked_at = request.notice.revoked_at
    if revoked_at is None:
        return False
    return timedelta(0) <= request.now - revoked_at <= STOP_CONFIRMED_WITHIN


def _person_stop(request: Request) -> Decision | None:
    """P5: who may not be written to at all, or not be pressed."""
    status = request.person.status
    if status == "active":
        return None
    if status != "deceased" and not request.notice.is_pressing:
        return None
    # An attorney can be written to instead: that takes a person even for a reminder.
    for_staff = request.notice.is_required or status == "represented"
    outcome = Outcome.REVIEW if for_staff else Outcome.BLOCK
    return Decision(outcome, _PERSON_STOPS[status])


def _account_stop(request: Request) -> Decision | None:
    """P6: nothing is owed, or there is a reason to wait."""
    notice = request.notice
    reason = _account_hold(request.account, notice)
    if reason is None:
        return None
    if notice.is_required:
        if notice.is_pressing:
            return Decision(Outcome.REVIEW, reason)
        return None
    if reason is Reason.ACCT_DISPUTE_HOLD:
        return Decision(Outcome.DEFER, reason)
    return Decision(Outcome.BLOCK, reason)


def _account_hold(account: Account, notice: Notice) -> Reason | None:
    nothing_due = account.balance_due <= 0
    if nothing_due and account.status == "closed":
        return Reason.ACCT_CLOSED
    if not notice.is_pressing:
        return None
    if nothing_due:
        return Reason.ACCT_NOTHING_DUE
    if account.dispute == "open":
        return Reason.ACCT_DISPUTE_HOLD
    if account.moratorium and notice.adverse:
        return Reason.ACCT_MORATORIUM
    if account.payment_plan:
        return Reason.ACCT_PAYMENT_PLAN
    return None


def _legal_form(request: Request) -> Decision | None:
    """P7: the channel does not satisfy the form the law wants."""
    notice = request.notice
    if not notice.is_required or request.channel == "letter":
        return None
    if notice.legal == "paper_only":
        return _to_letter(request, Reason.LEGAL_PAPER_ONLY)
    if request.channel == "email":
        return None
    if _email_would_do(request):
        return _to_email(Reason.CHANNEL_NOT_SUFFICIENT)
    return _to_letter(request, Reason.CHANNEL_NOT_SUFFICIENT)


def _letter_stop(request: Request) -> Decision | None:
    """P8: no address to post to, a paperless customer, or paper not worth its cost."""
    if request.channel != "letter":
        return None
    if request.notice.is_required:
        return _required_letter_stop(request)
    if request.address.letter != "ok":
        return Decision(Outcome.BLOCK, Reason.ADDR_POSTAL_BAD)
    if request.category_pref.is_off("letter"):
        return Decision(Outcome.BLOCK, Reason.PREF_CATEGORY_OFF)
    if not request.policy.optional_paper_ok:
        return Decision(Outcome.BLOCK, Reason.POLICY_NO_OPTIONAL_PAPER)
    return None


def _required_letter_stop(request: Request) -> Decision | None:
    notice = request.notice
    by_email = notice.legal == "writing" and _email_would_do(request)
    if request.address.letter != "ok":
        if by_email:
            return _to_email(Reason.ADDR_POSTAL_BAD)
        return _sole_channel_lost(Reason.ADDR_POSTAL_BAD)
    if by_email and request.paper_pref == "paperless" and not notice.fallback:
        return _to_email(Reason.PREF_PAPERLESS)
    return None


def _unreachable(request: Request) -> Decision | None:
    """P9 to P12: the channel fails; a required notice goes by letter instead."""
    reason = failure(request, request.channel)
    if reason is None:
        return None
    if request.notice.is_required:
        return _to_letter(request, reason)
    return Decision(Outcome.BLOCK, reason)


def _capped(request: Request) -> Decision | None:
    """P13: enough was sent lately; required notices and safety alerts do not wait."""
    notice = request.notice
    if notice.is_required or notice.kind == "safety_alert":
        return None
    cap = cap_in_force(request)
    if cap is None:
        return None
    reason, released = cap
    if notice.expires_before(released):
        return Decision(Outcome.BLOCK, Reason.CAP_EXPIRES_NOTICE, cause=reason)
    return Decision(Outcome.DEFER, reason, not_before=released)


def _quiet_hours(request: Request) -> Decision | None:
    """P14: not at this hour, or nobody knows the hour where the customer lives."""
    reason, opening = quiet_verdict(request, request.channel)
    if reason is None:
        return None
    if reason is Reason.QUIET_HOURS:
        return Decision(Outcome.DEFER, reason, not_before=opening)
    if reason is not Reason.QUIET_EXPIRES_NOTICE:
        return Decision(Outcome.REVIEW, reason)
    if request.notice.is_required:
        return _to_letter(request, reason)
    return Decision(Outcome.BLOCK, reason)


def _email_would_do(request: Request) -> bool:
    """Whether the notice, moved to e-mail, would go or wait there, and not move on.

    A notice the quiet hours turned away again would be handed back and forth, so P14
    is asked beside P9 to P11.
    """
    if failure(request, "email") is not None:
        return False
    reason, _ = quiet_verdict(request, "email")
    return reason is None or reason is Reason.QUIET_HOURS


def _to_email(reason: Reason) -> Decision:
    return Decision(Outcome.SUBSTITUTE, reason, use_channel="email")


def _to_letter(request: Request, reason: Reason) -> Decision:
    """P12: paper instead, for the reason given; staff where there is no paper either.

    Where the dead address was one the customer had agreed to be reached at, they go
    back to paper and somebody asks them for a new one.
    """
    if request.address.letter != "ok":
        return _sole_channel_lost(reason)
    tasks: tuple[Obligation, ...] = ()
    if reason in ADDRESS_DIED and agreed_to_email(request):
        tasks = (Obligation.REVERT_TO_PAPER, Obligation.OPEN_CONTACT_TASK)
    return Decision(Outcome.SUBSTITUTE, reason, use_channel="letter", obligations=tasks)


def _sole_channel_lost(cause: Reason) -> Decision:
    return Decision(Outcome.REVIEW, Reason.SOLE_CHANNEL_LOST, cause=cause)


def _plain_reason(notice: Notice) -> Reason:
    """P15: why an allowed notice is allowed."""
    if notice.courtesy:
        return Reason.OK_COURTESY
    if notice.fallback and notice.is_required:
        return Reason.OK_FALLBACK
    return Reason.OK


def _allow(request: Request, reason: Reason) -> Decision:
    return Decision(
        Outcome.ALLOW,
        reason,
        provider_ttl_s=provider_ttl_s(request) if request.channel == "sms" else None,
        obligations=obligations(request),
    )


_CHECKS: tuple[Callable[[Request], Decision | None], ...] = (
    _senseless,
    _system_stop,
    _duplicate,
    _too_late,
    _keyword_reply,
    _person_stop,
    _account_stop,
    _legal_form,
    _letter_stop,
    _unreachable,
    _capped,
    _quiet_hours,
)
