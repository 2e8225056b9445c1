"""Names, streets and towns the demo company's customers are put together from.

All of it is written for this purpose: common given names and surnames in any
combination, streets of our own invention, real towns with the general form of their
postcodes. Phone numbers come only from ranges that no subscriber has:

- Britain: Ofcom's numbers for drama, 07700 900xxx and 01632 960xxx.
- France: ARCEP's numbers for fiction, 06 39 98 xx xx and 01 99 00 xx xx.
- Germany: the Bundesnetzagentur's for media, 0171 39200xx and 030 23125xxx.
- Poland and Czechia keep no such range. Ours pass every check of form, and are
  plainly made up: +48 500 000 xxx, +48 22 000 0xxx, +420 601 000 xxx, +420 210 000 xxx.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Phones:
    """A range of numbers: its beginning, and how many digits follow."""

    beginning: str
    digits: int

    def number(self, place: int) -> str:
        """Return the number at a place of the range, E.164."""
        return f"{self.beginning}{place % 10**self.digits:0{self.digits}}"


@dataclass(frozen=True, slots=True)
class People:
    """The names of one language; a surname may differ for a woman and a man."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[tuple[str, str], ...]
    firms: tuple[str, ...]
    surname_first: bool = False


@dataclass(frozen=True, slots=True)
class Land:
    """A country we bill in; ``scale`` turns a British amount into a local one.

    ``towns`` are names with a pattern of their postcodes: # stands for a digit, @ for
    a letter that British postcodes use last. ``street`` says how a house is written.
    """

    code: str
    time_zone: str
    currency: str
    scale: Decimal
    terms_days: int
    mobiles: Phones
    landlines: Phones
    street: str
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _same(names: str) -> tuple[tuple[str, str], ...]:
    """Return surnames that are the same for everybody."""
    return tuple((name, name) for name in names.split())


def _pairs(names: str) -> tuple[tuple[str, str], ...]:
    """Return surnames written ``woman/man``."""
    found = []
    for name in names.split():
        woman, _, man = name.partition("/")
        found.append((woman, man or woman))
    return tuple(found)


PEOPLE: dict[str, People] = {
    "en": People(
        women=_words(
            "Amelia Priya Charlotte Grace Ruby Isla Zainab Hannah Eleanor Megan Aisha "
            "Florence Chloe Imogen Nia Rosie Harriet Tamsin Yvonne Bronwen"
        ),
        men=_words(
            "Oliver Harry Arjun Callum Dylan Ewan Femi Gareth Hugh Imran Jamie Kieran "
            "Lewis Marcus Nathan Owen Patrick Rhys Samuel Toby"
        ),
        surnames=_same(
            "Ashworth Bramley Carter Dunmore Ellison Fairclough Greenhalgh Hartley "
            "Iqbal Jessop Kendall Lockwood Marlowe Naylor Okafor Pemberton Quigley "
            "Rowntree Sutcliffe Thackray Underhill Varley Whitaker Yates Patel Hughes "
            "Sinclair Macrae Bevan Tregenza Adeyemi Chowdhury Penrose Holroyd"
        ),
        firms=(
            "{} & Daughters Bakery",
            "{} Joinery Ltd",
            "The {} Arms",
            "{} Dental Practice",
            "{} Cold Storage Ltd",
            "{} Garage Services",
            "{} Laundry Company",
        ),
    ),
    "zh": People(
        women=("丽华", "秀英", "静怡", "晓雯", "美玲", "嘉欣", "雨桐", "淑芬"),
        men=("建国", "志强", "伟明", "俊杰", "浩然", "国栋", "子轩", "家豪"),
        surnames=_same("王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 林 郑"),
        firms=("{}记饭店", "{}氏贸易公司", "{}家茶楼"),
        surname_first=True,
    ),
    "pl": People(
        women=_words(
            "Agnieszka Barbara Celina Dorota Ewa Grażyna Halina Iwona Justyna "
            "Katarzyna Łucja Małgorzata Natalia Oliwia Paulina Róża Sylwia"
        ),
        men=_words(
            "Adam Bartosz Czesław Dariusz Filip Grzegorz Henryk Jakub Krzysztof Łukasz "
            "Michał Norbert Paweł Rafał Sławomir Tomasz Wojciech"
        ),
        surnames=_pairs(
            "Nowak Wójcik Kowalska/Kowalski Zielińska/Zieliński Mazur Krawczyk "
            "Piotrowska/Piotrowski Grabowska/Grabowski Pawlak Michalska/Michalski "
            "Dudek Wieczorek Jabłońska/Jabłoński Król Majewska/Majewski Olszewska/"
            "Olszewski Stępień Malinowska/Malinowski Gąsior Sikora Baran Szewczyk "
            "Świątek Żak Ćwik"
        ),
        firms=(
            "Piekarnia {}",
            "Zakład Stolarski {}",
            "Przychodnia {} sp. z o.o.",
            "Hurtownia {} s.c.",
            "Warsztat Samochodowy {}",
        ),
    ),
    "fr": People(
        women=_words(
            "Adèle Béatrice Camille Delphine Élodie Françoise Geneviève Hélène Inès "
            "Joséphine Léa Manon Noémie Océane Solène"
        ),
        men=_words(
            "Antoine Benoît Cédric Didier Étienne François Gaël Hugo Jérôme Lucas "
            "Mathieu Noël Olivier Quentin Rémi"
        ),
        surnames=_same(
            "Marchand Lefèvre Garnier Chevallier Rousselot Béranger Delacourt Fontenay "
            "Gauthier Hérault Jacquemin Lambert Mercier Noiret Pélissier Renaud "
            "Saulnier Thévenot Vasseur Boulanger Carpentier"
        ),
        firms=(
            "Boulangerie {}",
            "Menuiserie {} SARL",
            "Garage {} et Fils",
            "Pharmacie {}",
            "Blanchisserie {}",
        ),
    ),
    "cs": People(
        women=_words(
            "Alžběta Božena Dagmar Eliška Hana Ivana Jitka Květa Ludmila Markéta "
            "Naděžda Růžena Šárka Tereza Věra Zdeňka"
        ),
        men=_words(
            "Antonín Bohumil Dušan František Hynek Ivo Jiří Karel Luboš Matěj Oldřich "
            "Přemysl Radek Stanislav Tomáš Zdeněk"
        ),
        surnames=_pairs(
            "Nováková/Novák Dvořáková/Dvořák Svobodová/Svoboda Procházková/Procházka "
            "Kučerová/Kučera Veselá/Veselý Horáková/Horák Němcová/Němec "
            "Pospíšilová/Pospíšil Marešová/Mareš Hájková/Hájek Jelínková/Jelínek "
            "Růžičková/Růžička Fialová/Fiala Sedláčková/Sedláček Doležalová/Doležal "
            "Zemanová/Zeman Kolářová/Kolář Čermáková/Čermák Říhová/Říha Šimková/Šimek"
        ),
        firms=(
            "Pekařství {}",
            "Truhlářství {} s.r.o.",
            "Autoservis {}",
            "Zahradnictví {}",
            "Čistírna {} s.r.o.",
        ),
    ),
    "de": People(
        women=_words(
            "Anneliese Birgit Clara Dörte Edda Frauke Gisela Heike Ingrid Jördis Käthe "
            "Lieselotte Mareike Nele Petra Sabine"
        ),
        men=_words(
            "Albrecht Bernd Carsten Detlef Eckhard Florian Günther Henning Ingo Jürgen "
            "Konrad Lüder Moritz Norbert Rüdiger Sönke"
        ),
        surnames=_same(
            "Ackermann Böttcher Clausen Drechsler Eichhorn Förster Grünwald Hübner "
            "Jäger Köhler Lindemann Möller Neubauer Oppermann Pfeiffer Reuter Schröder "
            "Töpfer Ulrich Vogt Weiß Zimmermann"
        ),
        firms=(
            "Bäckerei {}",
            "Tischlerei {} GmbH",
            "Autohaus {} KG",
            "Gärtnerei {}",
            "Wäscherei {} GmbH",
        ),
    ),
}

LANDS: dict[str, Land] = {
    "GB": Land(
        code="GB",
        time_zone="Europe/London",
        currency="GBP",
        scale=Decimal("1"),
        terms_days=21,
        mobiles=Phones("+447700900", 3),
        landlines=Phones("+441632960", 3),
        street="{number} {street}",
        streets=(
            "Larch Row",
            "Weaver's Rise",
            "Kestrel Way",
            "Old Pump Lane",
            "Marigold Avenue",
            "Quarry Hill",
            "Saltmarsh Road",
            "Tinker's Yard",
            "Orchard Bank",
            "Copperbeech Close",
            "Lantern Street",
            "Millrace Terrace",
        ),
        towns=(
            ("Leeds", "LS7 #@@"),
            ("York", "YO24 #@@"),
            ("Norwich", "NR3 #@@"),
            ("Exeter", "EX4 #@@"),
            ("Derby", "DE22 #@@"),
            ("Durham", "DH1 #@@"),
            ("Stirling", "FK8 #@@"),
            ("Cardiff", "CF24 #@@"),
            ("Bristol", "BS5 #@@"),
            ("Manchester", "M14 #@@"),
        ),
    ),
    "PL": Land(
        code="PL",
        time_zone="Europe/Warsaw",
        currency="PLN",
        scale=Decimal("4.6"),
        terms_days=14,
        mobiles=Phones("+48500000", 3),
        landlines=Phones("+482200000", 2),
        street="ul. {street} {number}",
        streets=(
            "Latarniana",
            "Bursztynowych Świateł",
            "Zielonego Wzgórza",
            "Młynarzówka",
            "Trzech Brzóz",
            "Starej Gazowni",
            "Kowalikowa",
            "Świerszczowa",
            "Nad Potokiem",
        ),
        towns=(
            ("Łódź", "90-1##"),
            ("Poznań", "60-2##"),
            ("Lublin", "20-1##"),
            ("Gdynia", "81-3##"),
            ("Białystok", "15-0##"),
            ("Rzeszów", "35-0##"),
            ("Toruń", "87-1##"),
        ),
    ),
    "FR": Land(
        code="FR",
        time_zone="Europe/Paris",
        currency="EUR",
        scale=Decimal("1.15"),
        terms_days=20,
        mobiles=Phones("+3363998", 4),
        landlines=Phones("+3319900", 4),
        street="{number} {street}",
        streets=(
            "rue des Lanternes",
            "allée du Vieux Moulin",
            "impasse des Mésanges",
            "rue de la Source Claire",
            "chemin des Noisetiers",
            "place du Puits d’Or",
            "rue des Tisserandes",
            "avenue de l’Aurore",
        ),
        towns=(
            ("Lyon", "6900#"),
            ("Nantes", "44#00"),
            ("Lille", "59#00"),
            ("Grenoble", "38#00"),
            ("Rennes", "35#00"),
            ("Besançon", "25000"),
        ),
    ),
    "CZ": Land(
        code="CZ",
        time_zone="Europe/Prague",
        currency="CZK",
        scale=Decimal("28"),
        terms_days=14,
        mobiles=Phones("+420601000", 3),
        landlines=Phones("+420210000", 3),
        street="{street} {number}",
        streets=(
            "U Staré lucerny",
            "Na Potůčku",
            "Lískovková",
            "Nad Cihelnou",
            "Větrníková",
            "K Pramenům",
            "Jeřabinová",
            "Za Humny",
        ),
        towns=(
            ("Brno", "602 ##"),
            ("Ostrava", "702 ##"),
            ("Plzeň", "301 ##"),
            ("Olomouc", "779 ##"),
            ("Liberec", "460 ##"),
            ("Zlín", "760 ##"),
        ),
    ),
    "DE": Land(
        code="DE",
        time_zone="Europe/Berlin",
        currency="EUR",
        scale=Decimal("1.2"),
        terms_days=20,
        mobiles=Phones("+4917139200", 2),
        landlines=Phones("+493023125", 3),
        street="{street} {number}",
        streets=(
            "Laternengasse",
            "Am Mühlbach",
            "Haselnussweg",
            "Ziegelhüttenstraße",
            "Eisvogelweg",
            "Zum Alten Gaswerk",
            "Sonnenhang",
            "Färberstieg",
        ),
        towns=(
            ("Leipzig", "0410#"),
            ("Bremen", "2819#"),
            ("Erfurt", "9908#"),
            ("Freiburg", "7910#"),
            ("Münster", "4814#"),
            ("Kassel", "3411#"),
        ),
    ),
}

# The firm of the demo, with everything its letters show.
BRAND: dict[str, str] = {
    "key": "larkmoor",
    "name": "Larkmoor Energy",
    "time_zone": "Europe/London",
    "country": "GB",
    "colour": "#0B5A68",
    "address_line1": "Larkmoor House",
    "address_line2": "4 Lantern Quay",
    "city": "Leeds",
    "postcode": "LS1 4ZZ",
    "email_from": "billing@larkmoor.example",
    "reply_to": "care@larkmoor.example",
    "phone": "+44 1632 960100",
    "opt_in_phone": "+44 1632 960101",
    "website": "https://www.larkmoor.example",
    "office_hours": "Monday to Friday, 8:00 to 18:00",
    "signatory": "Rosie Thackray, Customer Care",
    "bank_name": "Bank of Example",
    "iban": "GB33BUKB20201555555555",
    "bic": "BUKBGB22",
}
OFFICE_HOURS = {
    "pl": "od poniedziałku do piątku, 8:00–18:00",
    "fr": "du lundi au vendredi, de 8 h à 18 h",
    "cs": "pondělí až pátek, 8.00–18.00",
    "zh": "周一至周五，8:00至18:00",
    "ru": "пн–пт, с 8:00 до 18:00",
    "de": "Montag bis Freitag, 8 bis 18 Uhr",
    "ar": "من الاثنين إلى الجمعة، من 8:00 إلى 18:00",
}
