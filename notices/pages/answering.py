"""What a customer answers to a message: one question a screen, one receipt."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse

from consent.links import Door
from notices.answers import AnswerRefused, Origin, give_answer
from notices.models import Answer
from notices.pages import answer_call, answer_forms
from notices.pages.answer_case import Case, load_case, seen_until
from notices.pages.answer_details import WHICH, DetailForm, WhichForm
from notices.pages.answer_form import AnswerForm
from notices.pages.answer_receipts import receipt_of
from notices.pages.answer_standing import told_before
from notices.pages.answer_survey import SurveyForm, keep_marks, survey_for
from notices.pages.visit import Visit, gone, page_view, see, show

Kind = Answer.Kind

FORMS: dict[str, type[AnswerForm]] = {
    Kind.PAID: answer_forms.PaidForm,
    Kind.PROMISE: answer_forms.PromiseForm,
    Kind.PARTS: answer_forms.PartsForm,
    Kind.CALL: answer_call.CallForm,
    Kind.DETAILS: WhichForm,
    Kind.DISPUTE: answer_forms.DisputeForm,
    Kind.HARDSHIP: answer_forms.HardshipForm,
    Kind.NOT_ME: answer_forms.NotMeForm,
    Kind.READ: answer_forms.ReadForm,
    Kind.QUESTION: answer_forms.QuestionForm,
}


class ChoiceForm(AnswerForm):
    """Which of the answers it is; it records nothing."""

    def build(self) -> None:
        self.fields["kind"] = self.radio(
            "what", [(kind, self.say(f"say_{kind}")) for kind in self.case.kinds]
        )


@page_view(Door.ANSWER, "answers")
def answer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what it is about and what can be answered; go on to the one chosen."""
    case = load_case(visit)
    form = ChoiceForm(case, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return see(visit.path("answer-kind", form.cleaned_data["kind"]))
    told = told_before(case)
    mine = [one.answer for one in told if one.answer.notice_id == _notice(visit)]
    if any(one.kind == Kind.NOT_ME for one in mine):
        return show(request, visit, "pages/answer_stranger.html")
    return show(
        request,
        visit,
        "pages/answer.html",
        {
            "case": case,
            "form": form,
            "told": told,
            "has_read": next((one for one in mine if one.kind == Kind.READ), None),
            "read": answer_forms.ReadForm(case),
            "question": answer_forms.QuestionForm(case),
            "read_path": visit.path("answer-kind", Kind.READ),
            "question_path": visit.path("answer-kind", Kind.QUESTION),
            "seen_until": seen_until(case) if case.lines else None,
        },
        status=422 if form.errors else 200,
    )


def _notice(visit: Visit) -> int | None:
    return visit.notice.pk if visit.notice else None


@page_view(Door.ANSWER, "answers")
def answer_kind(
    request: HttpRequest, visit: Visit, kind: str, which: str = ""
) -> HttpResponse:
    """Ask what one answer needs, and keep it."""
    case = load_case(visit)
    if not _is_offered(case, kind, which):
        return see(visit.path("answer"))
    form = _form(case, kind, which, request)
    if request.method == "POST" and form.is_valid():
        if isinstance(form, WhichForm):
            return see(visit.path("answer-detail", kind, form.cleaned_data["which"]))
        return _keep(request, visit, form)
    return show(
        request,
        visit,
        "pages/answer_kind.html",
        {
            "case": case,
            "form": form,
            "kind": kind,
            **_around(visit, kind, asks_which=isinstance(form, WhichForm)),
        },
        status=422 if form.errors else 200,
    )


def _around(visit: Visit, kind: str, *, asks_which: bool) -> dict[str, str]:
    """Return what stands around a form: its heading, its button, the way back."""
    words = visit.words
    heading = {Kind.READ: "a_change", Kind.QUESTION: "question_heading"}
    button = f"button_{kind}" if words.has(f"button_{kind}") else "send"
    if asks_which:
        button = "go_on"
    return {
        "heading": words.plain(heading.get(Kind(kind), f"say_{kind}")),
        "lead": words.plain(f"lead_{kind}"),
        "button": words.plain(button),
        "back": visit.path("answer"),
    }


def _is_offered(case: Case, kind: str, which: str) -> bool:
    if which:
        return kind == Kind.DETAILS and which in WHICH
    if kind == Kind.READ:
        return bool(case.change)
    return kind in {*case.kinds, Kind.QUESTION}


def _form(case: Case, kind: str, which: str, request: HttpRequest) -> AnswerForm:
    made: type[AnswerForm] = FORMS[kind]
    if which:
        made = type("OneDetail", (DetailForm,), {"which": which})
    if request.method != "POST":
        return made(case)
    return made(case, request.POST, request.FILES)


def _keep(request: HttpRequest, visit: Visit, form: AnswerForm) -> HttpResponse:
    sent_to = visit.link.address_print
    origin = Origin(
        customer=visit.customer,
        notice=visit.notice,
        brand=visit.brand,
        address_print=bytes(sent_to) if sent_to is not None else None,
    )
    try:
        kept = give_answer(given=form.given(), origin=origin, now=visit.now)
    except AnswerRefused:
        return gone(request)
    return see(visit.path("answer-receipt", kept.reference))


@page_view(Door.ANSWER, "answers")
def answer_receipt(request: HttpRequest, visit: Visit, reference: str) -> HttpResponse:
    """Show what was kept and what happens next; keep the marks of a survey."""
    kept = Answer.objects.filter(customer=visit.customer, reference=reference).first()
    if kept is None:
        return gone(request)
    survey = survey_for(kept, visit.brand)
    form: forms.Form | None = None
    if survey is not None:
        posted = request.POST if request.method == "POST" else None
        form = SurveyForm(survey, visit.words, posted)
        if posted is not None and form.is_valid():
            keep_marks(kept, form, now=visit.now)
            return see(visit.path("answer-receipt", reference))
    return show(
        request,
        visit,
        "pages/answer_receipt.html",
        {
            "receipt": receipt_of(kept, visit),
            "survey": form,
            "first": visit.path("answer"),
        },
        status=422 if form is not None and form.errors else 200,
    )
