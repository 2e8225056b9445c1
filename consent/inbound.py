"""What a customer's text message asks of us: stop, start, help, or something to read;
and whether it says that ours was read.

Looks at the words alone, before and independently of what the provider makes of them,
since a provider knows whole-message keywords of its own list only. Refuses to know who
wrote, what we sent before, and what follows from the answer. Quoted text (an e-mail
below a reply) has to be cut off by the caller.

Withdrawing is made easy: any language's word will do, and a doubtful wish to be left
alone counts (``maybe_stop``: revoke, and let staff look). Granting is not: only the
words we ask for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

InboundKind = Literal["stop", "start", "help", "maybe_stop", "other"]


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a message asks for, and the normalised words that said so, if any did.

    ``stop``: revoke at once. ``maybe_stop``: revoke, and queue it for staff.
    ``start``: permit informational messages again. ``help``: send the help reply.
    ``other``: for the inbox.
    """

    kind: InboundKind
    words: str = ""


# Marks that a writer sets inside a word, or that cannot be seen; others part words.
_INSIDE_WORDS = re.compile(
    "['`\u00b4\u02bc\u2018\u2019\u201b\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufe0e\ufe0f]"
)
_BETWEEN_WORDS = re.compile(r"[\W_]+")

# How telephones that cannot show a reaction spell it out, with our own text in quotes.
_REACTION = re.compile(
    r"\s*(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned"
    r"|reacted \S{1,16} to)\s?[\"\u201c\u00ab\u201e]",
    re.IGNORECASE,
)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in parts if not unicodedata.combining(mark))


def normalise(text: str) -> str:
    """Return the words of ``text`` in lower case, parted by one blank.

    Compatibility forms, accents, punctuation, emoji and quotes are gone.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = _without_accents(_INSIDE_WORDS.sub("", folded))
    return _BETWEEN_WORDS.sub(" ", plain).strip()


def _words(*lines: str) -> frozenset[str]:
    return frozenset(normalise(word) for line in lines for word in line.split(","))


def _closed_up(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word.replace(" ", "") for word in words)


# Compared without blanks, so that "opt-out", "stop all" and "S.T.O.P." are met too.
_STOP = _closed_up(
    _words(
        "stop,stop all,unsubscribe,cancel,end,quit,revoke,opt out,remove,arret,alto",
        "parar,basta",
        "baja,darme de baja,detener,cancelar,no mas",
        "pare,sair,cancele,remover,chega",
        "arrêter,arrêtez,désabonner,désabonnement,désinscrire,désinscription",
        "koniec,wypisz,wypisz mnie,rezygnuję,zatrzymaj,przestań,przestańcie,anuluj",
        "stopp,ende,abmelden,abbestellen,beenden,austragen,widerruf",
        "konec,zastavit,odhlásit,zrušit,přestaňte",
        "стоп,отписаться,отпишите,отписка,отмена,хватит",
        "停止,停,退订,退訂,取消,取消订阅,取消訂閱,td",
        "توقف,توقفوا,أوقف,أوقفوا,إيقاف,قف,كفى,ستوب,إلغاء,إلغاء الاشتراك,إنهاء",
    )
)
_START = _words("start,unstop")
_YES = _words("yes,sí,sim,oui,tak,ja,ano,да,是,是的,好,نعم,موافق")
_HELP = _words(
    "help,info,ayuda,ajuda,aide,pomoc,hilfe,nápověda,помощь,справка,帮助,幫助",
    "مساعدة,ساعدوني,معلومات",
)
# Whole messages that say: I have read it. Compared without blanks and courtesies.
_READ = _closed_up(
    _words(
        "read,i read,i have read,have read,ive read,read and understood",
        "przeczytane,przeczytano,przeczytałem,przeczytałam,przeczytaliśmy",
        "przeczytalem,przeczytalam",
        "lu,bien lu,jai lu,je lai lu,lu et compris",
        "gelesen,habe gelesen,ich habe gelesen,ich habe es gelesen,habe es gelesen",
        "přečteno,přečetl jsem,přečetla jsem,přečetli jsme",
        "прочитано,прочитал,прочитала,прочитали,прочел,прочла",
        "已读,已讀,已阅,已閱,我已阅读",
        "قرأت,قرأته,قرأتها,قرأت الرسالة,تمت القراءة,تم الاطلاع",
    )
)
_POLITE = _words(
    "please,pls,plz,now,it,this,that,thanks,thank,you,immediately,ok,okay,just,me,hey",
    "por favor,favor,gracias,ya,obrigado,merci,svp,proszę,dziękuję,bitte,danke,jetzt",
    "prosím,děkuji,пожалуйста,спасибо,من,فضلك,لو,سمحت,سمحتم,رجاء,شكرا,الآن",
)

# Sought as whole words anywhere in the message.
_OPT_OUT_PHRASES = _words(
    "stop text,stop texts,stop texting,stop message,stop messages,stop messaging",
    "stop sending,stop send,stop contacting,stop calling,stop bothering,stop harassing",
    "stop spamming,stop these,stop this,please stop,stop please,pls stop,plz stop",
    "no more,wrong number,wrong person,not my number,take me off,remove me,opt me out",
    "opt out,opting out,unsubscribe,unsubscribe me,leave me alone,lose my number",
    "delete my number,remove my number,do not text,dont text,do not message",
    "dont message,do not contact,dont contact,do not send,dont send me,i revoke",
    "revoke my consent,revoke consent,cease and desist,no longer wish to receive",
    "número equivocado,no más mensajes,no me escriban,no me manden,no envíen más",
    "dejen de enviar,dejen de mandar,deje de enviar,darme de baja,no quiero recibir",
    "número errado,não quero mais receber,pare de enviar,parem de enviar,não me mande",
    "mauvais numéro,plus de messages,plus recevoir,arrêtez,désabonnez moi",
    "ne menvoyez plus,pas mon numéro",
    "zły numer,nie mój numer,nie piszcie,nie pisz,przestańcie,proszę przestać",
    "nie chcę więcej,wypiszcie mnie,proszę mnie wypisać,nie wysyłajcie",
    "falsche nummer,keine sms mehr,keine nachrichten mehr,hören sie auf,hör auf",
    "nicht mehr schreiben,schreiben sie mir nicht,nicht meine nummer",
    "špatné číslo,nepište,přestaňte,nechci dostávat,odhlaste mě,neposílejte",
    "не пишите,не присылайте,прекратите,отпишите,не тот номер,неправильный номер",
    "ошиблись номером",
    "لا ترسل,لا ترسلوا,لا تراسلني,لا تراسلوني,لا تكتبوا,لا تتصلوا,توقفوا عن,توقف عن",
    "كفوا عن,أوقف الرسائل,أوقفوا الرسائل,إيقاف الرسائل,وقف الرسائل,لا أريد رسائل",
    "لا أريد أن تصلني,لا أريد استلام,إلغاء الاشتراك,ألغوا اشتراكي,احذفوا رقمي",
    "رقم خاطئ,الرقم خاطئ,رقم خطأ,الرقم خطأ,ليس رقمي",
)
# Chinese parts no words: sought anywhere.
_OPT_OUT_SIGNS = tuple(
    _words(
        "不要再发,不要再發,别再发,別再發,不要发,不要發,别发,別發,退订,退訂",
        "取消订阅,取消訂閱,打错,打錯,发错,發錯,号码错,號碼錯",
    )
)
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in _OPT_OUT_PHRASES)


def classify(text: str, *, question_open: bool = False) -> Inbound:
    """Return what ``text`` asks for; the first rule that fits wins.

    ``question_open`` says that we asked this number to opt in and wait for the answer:
    only then does a "yes" permit anything. Takes time in proportion to the text.
    """
    words = normalise(text)
    if _is_stop(words):
        return Inbound("stop", words)
    if _REACTION.match(text):
        return Inbound("other")
    phrase = _opt_out_phrase(words)
    if phrase is not None:
        return Inbound("maybe_stop", phrase)
    if words in _START or (question_open and words in _YES):
        return Inbound("start", words)
    if words in _HELP:
        return Inbound("help", words)
    return Inbound("other")


def says_read(text: str) -> bool:
    """Whether the whole message says that ours was read, courtesies aside.

    It means that only to whoever was sent something to acknowledge; a stop is a stop.
    """
    words = normalise(text)
    if _is_stop(words):
        return False
    rest = "".join(part for part in words.split() if part not in _POLITE)
    return words.replace(" ", "") in _READ or rest in _READ


def _is_stop(words: str) -> bool:
    if words.replace(" ", "") in _STOP:
        return True
    # "STOP STOP STOP"
    every = set(words.split())
    return len(every) == 1 and every <= _STOP


def _opt_out_phrase(words: str) -> str | None:
    """Return the words by which a longer message asks to be left alone, if it does."""
    parts = words.split()
    if _is_polite_stop(parts):
        return words
    for start in range(len(parts)):
        for length in range(1, _LONGEST_PHRASE + 1):
            phrase = " ".join(parts[start : start + length])
            if phrase in _OPT_OUT_PHRASES:
                return phrase
    return next((sign for sign in _OPT_OUT_SIGNS if sign in words), None)


def _is_polite_stop(parts: list[str]) -> bool:
    """Whether only a stop word and courtesies were said: "Stop it now, thanks"."""
    rest = [part for part in parts if part not in _POLITE]
    return bool(rest) and all(part in _STOP for part in rest)
