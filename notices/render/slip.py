"""The payment slip at the foot of a letter that asks for money, as values to print.

Which slip it is: the firm's choice, as long as it can say the sum. A SEPA code knows
EUR alone and a QR-bill CHF and EUR; any other currency gets the plain slip.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from notices.bank import (
    LONGEST_MESSAGE,
    MOST_MONEY,
    SWISS,
    Party,
    checked_iban,
    epc_payload,
    fits_swiss,
    grouped,
    swiss_payload,
    swiss_reference,
)
from notices.fields import Subject
from notices.kinds import NoticeKind
from notices.render.errors import RenderError
from notices.render.facts import BrandFacts, Facts, PostalDestination
from notices.render.printable import clean
from notices.render.qr import corners, picture, swiss_picture
from notices.render.values import Values

Slip = dict[str, object]
# Two lines of the slip, with the customer's number.
_LONGEST_PAYER = 48

# The words of annex D of the Swiss Implementation Guidelines: no others may be used.
_SWISS_WORDS = {
    "en": {
        "part": "Payment part",
        "receipt": "Receipt",
        "account": "Account / Payable to",
        "reference": "Reference",
        "more": "Additional information",
        "by": "Payable by",
        "by_whom": "Payable by (name/address)",
        "currency": "Currency",
        "amount": "Amount",
        "point": "Acceptance point",
        "cut": "Separate before paying in",
    },
    "de": {
        "part": "Zahlteil",
        "receipt": "Empfangsschein",
        "account": "Konto / Zahlbar an",
        "reference": "Referenz",
        "more": "Zusätzliche Informationen",
        "by": "Zahlbar durch",
        "by_whom": "Zahlbar durch (Name/Adresse)",
        "currency": "Währung",
        "amount": "Betrag",
        "point": "Annahmestelle",
        "cut": "Vor der Einzahlung abzutrennen",
    },
    "fr": {
        "part": "Section paiement",
        "receipt": "Récépissé",
        "account": "Compte / Payable à",
        "reference": "Référence",
        "more": "Informations supplémentaires",
        "by": "Payable par",
        "by_whom": "Payable par (nom/adresse)",
        "currency": "Monnaie",
        "amount": "Montant",
        "point": "Point de dépôt",
        "cut": "A détacher avant le versement",
    },
    "it": {
        "part": "Sezione pagamento",
        "receipt": "Ricevuta",
        "account": "Conto / Pagabile a",
        "reference": "Riferimento",
        "more": "Informazioni supplementari",
        "by": "Pagabile da",
        "by_whom": "Pagabile da (nome/indirizzo)",
        "currency": "Valuta",
        "amount": "Importo",
        "point": "Punto di accettazione",
        "cut": "Da staccare prima del versamento",
    },
}


def slip_of(
    facts: Facts,
    values: Values,
    kind: NoticeKind,
    language: str,
    draw: Callable[[str], str] = picture,
) -> Slip:
    """Return what the slip prints; ``kind`` is empty when the letter asks for nothing.

    ``draw`` gives the address of the picture of a code.

    :raises RenderError: ``bad_iban``.
    """
    iban = _iban(facts)
    if Subject.DEBT not in kind.subjects or facts.total <= 0:
        return {"kind": ""}
    reference = str(values["payment_reference"])
    if iban and facts.brand.slip == "swiss" and facts.currency in {"CHF", "EUR"}:
        return _swiss(facts, iban, reference, language)
    if iban and facts.brand.slip == "epc" and facts.currency == "EUR":
        return _epc(facts, iban, reference, draw)
    return _plain(facts, iban)


def _iban(facts: Facts) -> str:
    """Return the firm's account; a wrong one is never printed."""
    if not facts.brand.iban.strip():
        return ""
    try:
        return checked_iban(facts.brand.iban)
    except ValueError as fault:
        raise RenderError(
            "bad_iban",
            f"The letter to customer {facts.customer.number} would print a wrong "
            f"account of {facts.brand.name}. {fault}",
        ) from fault


def _plain(facts: Facts, iban: str) -> Slip:
    return {
        "kind": "plain",
        "iban": grouped(iban),
        "code": "",
        "payer": _shortened(clean(facts.customer.name)),
    }


def _shortened(name: str) -> str:
    """Return as much of a name as the slip has room for.

    The customer's number stands beside it and says who paid.
    """
    if len(name) <= _LONGEST_PAYER:
        return name
    start, _, _ = name[:_LONGEST_PAYER].rpartition(" ")
    return (start or name[:_LONGEST_PAYER]).rstrip(" ,") + "…"


def _epc(facts: Facts, iban: str, reference: str, draw: Callable[[str], str]) -> Slip:
    payload = epc_payload(
        name=clean(facts.brand.name),
        iban=iban,
        bic=facts.brand.bic,
        amount=facts.total,
        reference=reference,
    )
    return {**_plain(facts, iban), "code": draw(payload) if payload else ""}


def _swiss(facts: Facts, iban: str, reference: str, language: str) -> Slip:
    creditor = _creditor(facts.brand)
    if not (
        iban[:2] in SWISS
        and fits_swiss(creditor)
        and facts.total <= MOST_MONEY
        and len(reference) <= LONGEST_MESSAGE
    ):
        return _plain(facts, iban)
    debtor = _debtor(facts)
    debtor = debtor if debtor and fits_swiss(debtor) else None
    kind, number = swiss_reference(iban, reference, facts.reference)
    payload = swiss_payload(
        iban=iban,
        creditor=creditor,
        debtor=debtor,
        amount=facts.total,
        currency=facts.currency,
        reference=(kind, number),
        message=reference,
    )
    return {
        "kind": "swiss",
        "iban": grouped(iban),
        "code": swiss_picture(payload),
        "words": _SWISS_WORDS.get(language, _SWISS_WORDS["en"]),
        "creditor": _lines(creditor),
        "debtor": _lines(debtor) if debtor else [],
        "receipt_corners": corners(52, 20),
        "part_corners": corners(65, 25),
        "reference": _spaced(kind, number),
        "message": reference,
        "currency": facts.currency,
        "amount": _amount(facts.total),
    }


def _creditor(brand: BrandFacts) -> Party:
    return Party(
        name=clean(brand.name),
        street=clean(brand.address_line1),
        postcode=clean(brand.postcode),
        town=clean(brand.city),
        country=brand.country,
    )


def _debtor(facts: Facts) -> Party | None:
    place = facts.destination
    if not isinstance(place, PostalDestination):
        return None
    return Party(
        name=clean(facts.customer.name),
        street=clean(place.line1),
        postcode=clean(place.postcode),
        town=clean(place.city),
        country=place.country or facts.brand.country,
    )


def _lines(party: Party) -> list[str]:
    town = f"{party.postcode} {party.town}"
    if party.country not in SWISS:
        town = f"{party.country}-{town}"
    return [line for line in (party.name, party.street, town) if line]


def _spaced(kind: str, number: str) -> str:
    """Return a reference as the style guide groups it."""
    if kind == "QRR":
        groups = [number[:2], *(number[at : at + 5] for at in range(2, 27, 5))]
        return " ".join(groups)
    return grouped(number)


def _amount(total: Decimal) -> str:
    """Return a sum with blanks between thousands, as the style guide wants it."""
    return f"{total:,.2f}".replace(",", " ")
