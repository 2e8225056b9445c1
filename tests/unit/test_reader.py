"""A file's rows, whatever form, delimiter and encoding the file has."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import struct
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from customers.imports.encoding import guess_code_page, survey
from customers.imports.formulas import neutralise, restore
from customers.imports.profile import Profile
from customers.imports.reader import open_table, read_rows
from customers.imports.refused import FileRefused

CUSTOMERS = Profile.from_dict({}).section("customers")
LATIN = "number;name;city\nC1;Jörg;Köln\nC2;Žofie;Plzeň\n"

POLISH = "Grzegorz Brzęczyszczykiewicz, Małgorzata Wiśniewska, Łódź, ul. Świętokrzyska"
CZECH = "Řehoř Čížek, Kateřina Šťastná, Plzeň, náměstí Přemysla Otakara, účet č."
RUSSIAN = "Наталья Кузнецова, Юрий Щербаков, Екатерина Соловьёва, ул. Ленина"
FRENCH = "Hélène Lefèvre, Noël L'Hôpital, 14 bis, rue de l'Église, à côté, façade"
GERMAN = "Jürgen Müller, Käthe Größmann, Straße am Mühlbach, Düsseldorf"
HUNGARIAN = "Őry Gergő, Fűzfa utca, Győr, Székesfehérvár, Kőszegi Zsófia"
SPANISH = "José Núñez, Avenida España, A Coruña, Málaga, Peñíscola"
UKRAINIAN = "Олександр Ющенко, вулиця Хрещатик, Київ, Єлизавета Їжакевич"


def customers(**stated):
    return Profile.from_dict({"customers": stated}).section("customers")


def write(folder, content, name="file.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def names(path, section=CUSTOMERS):
    return [row["name"] for _, row in read_rows(path, section)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_headings(tmp_path, delimiter):
    text = LATIN.replace(";", delimiter).replace("Jörg", '"Jörg; & Co, | \t"')

    assert names(write(tmp_path, text)) == ["Jörg; & Co, | \t", "Žofie"]


def test_a_delimiter_that_the_profile_states_is_taken(tmp_path):
    path = write(tmp_path, LATIN.replace(";", "^"))

    assert names(path, customers(delimiter="^")) == ["Jörg", "Žofie"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250"]
)
def test_the_encoding_is_found(tmp_path, encoding):
    assert names(write(tmp_path, LATIN.encode(encoding))) == ["Jörg", "Žofie"]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (POLISH, "cp1250"),
        (CZECH, "cp1250"),
        (HUNGARIAN, "cp1250"),
        (RUSSIAN, "cp1251"),
        (UKRAINIAN, "cp1251"),
        (FRENCH, "cp1252"),
        (SPANISH, "cp1252"),
    ],
)
def test_a_code_page_is_told_by_its_letters(tmp_path, text, page):
    path = write(tmp_path, f"number;name\nC1;{text}\n".encode(page))

    assert survey(path).encoding == page
    assert names(path) == [text]


def test_a_text_that_reads_the_same_in_two_code_pages_is_read_right(tmp_path):
    path = write(tmp_path, f"number;name\nC1;{GERMAN}\n".encode("cp1252"))

    assert names(path) == [GERMAN]


@pytest.mark.parametrize("page", ["cp1250", "cp1252"])
def test_a_mixture_of_languages_is_told_by_the_greater_part(tmp_path, page):
    texts = {
        "cp1250": [CZECH, POLISH, GERMAN, HUNGARIAN],
        "cp1252": [FRENCH, GERMAN, SPANISH],
    }[page]
    rows = "".join(f"C{at};{text}\n" for at, text in enumerate(texts))
    path = write(tmp_path, f"number;name\n{rows}".encode(page))

    assert names(path) == texts


SURNAMES = {
    "cp1250": (
        "Nováková Dvořák Procházka Kučera Veselý Horák Němec Pokorný Růžička Beneš "
        "Fiala Sedláček Doležal Zeman Kolář Navrátil Čermák Urban Vaněk Blažek Kříž "
        "Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski "
        "Jabłoński Krawczyk Piotrowski Grabowski Pawłowski Michalski Król Wróbel"
    ),
    "cp1251": (
        "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Фёдоров "
        "Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев"
    ),
    "cp1252": (
        "Lefèvre Béranger Léger Gérard Rémy Désiré Françoise Étienne Noël Lemaître "
        "Benoît Guérin Chrétien Joséphine Hélène Thérèse Château Müller Schröder Jäger "
        "Krüger Größmann Weiß Jørgensen Sørensen Østergård Åkesson Björk García Peña"
    ),
}


@pytest.mark.parametrize("page", sorted(SURNAMES))
def test_a_dozen_names_are_enough_to_tell_the_code_page(page):
    odd = [name for name in SURNAMES[page].split() if not name.isascii()]
    draw = random.Random(1)

    for _ in range(60):
        names = draw.sample(odd, 12)
        guess = guess_code_page([name.encode(page) for name in names])

        # Where two code pages read all of it alike, either is right.
        assert [name.encode(page).decode(guess) for name in names] == names


def test_a_stated_encoding_is_taken_without_a_guess(tmp_path):
    path = write(tmp_path, "number;name\nC1;Żółć\n".encode("iso8859-2"))

    assert names(path, customers(encoding="latin2")) == ["Żółć"]


def test_a_stated_encoding_that_does_not_fit_is_refused(tmp_path):
    path = write(tmp_path, "number;name\nC1;Żółć\n".encode("cp1250"))

    with pytest.raises(FileRefused) as refused:
        names(path, customers(encoding="utf-8"))

    assert refused.value.code == "bad_encoding"


def test_a_byte_order_mark_outdoes_a_stated_encoding(tmp_path):
    path = write(tmp_path, LATIN.encode("utf-8-sig"))

    assert names(path, customers(encoding="cp1250")) == ["Jörg", "Žofie"]


def test_a_file_in_two_encodings_is_refused(tmp_path):
    lines = b"number;name\n" + "C1;Jörg\n".encode() + "C2;Käthe\n".encode("cp1252")

    with pytest.raises(FileRefused) as refused:
        names(write(tmp_path, lines))

    assert refused.value.code == "mixed_encodings"


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path):
    text = 'number,name\nC1,"Ann\nMaria"\n\n , \nC2,Bob\n'

    rows = list(read_rows(write(tmp_path, text), CUSTOMERS))

    assert rows == [
        (2, {"number": "C1", "name": "Ann\nMaria"}),
        (5, {"number": "C2", "name": "Bob"}),
    ]


def test_blank_lines_above_the_headings_are_skipped(tmp_path):
    rows = list(read_rows(write(tmp_path, "\n\nnumber,name\nC1,Ann\n"), CUSTOMERS))

    assert rows == [(4, {"number": "C1", "name": "Ann"})]


@pytest.mark.parametrize(
    ("line", "code"), [("C1", "too_few_cells"), ("C1,Ann,x", "too_many_cells")]
)
def test_a_ragged_row_is_reported(tmp_path, line, code):
    table = open_table(write(tmp_path, f"number,name\n{line}\n"), CUSTOMERS)
    (row,) = table.rows()

    fault = table.ragged(row)

    assert fault is not None
    assert fault[0] == code
    with pytest.raises(FileRefused, match="Row 2"):
        list(read_rows(table.path, CUSTOMERS))


def test_blank_cells_too_many_do_no_harm(tmp_path):
    assert names(write(tmp_path, "number,name,,\nC1,Ann,,,,\n")) == ["Ann"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_rows"),
        (b"\n\n", "no_rows"),
        (b"number,name\n", "no_rows"),
        (b"a,b\n1,2\n", "missing_column"),
        (b"PK\x03\x04 no zip at all", "binary"),
        (b"\xd0\xcf\x11\xe0 no workbook", "binary"),
        (b"\x00\x01\x02\x03\xff\x00\x00" * 50, "binary"),
        (b'number,name\nC1,"Ann\nC2,Bob\n', "bad_quotes"),
        (b'number,name\nC1,"Ann" Maria\n', "bad_quotes"),
        (b"number,name\nC1,%s\n" % (b"x" * 200_000), "bad_quotes"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(tmp_path, content, code):
    with pytest.raises(FileRefused) as refused:
        list(read_rows(write(tmp_path, content), CUSTOMERS))

    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileRefused) as refused:
            open_table(path, CUSTOMERS)
        assert refused.value.code == "unreadable"


def workbook(path, *, hidden_first=False):
    """A workbook with typed cells, below two empty rows."""
    book = xlsxwriter.Workbook(path)
    if hidden_first:
        book.add_worksheet("Notes").hide()
    sheet = book.add_worksheet("Bills")
    book.add_worksheet("Other").write_row(0, 0, ["number", "name"])
    sheet.activate()
    sheet.set_first_sheet()
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    headings = ["number", "customer", "issued_on", "due_on", "amount", "currency"]
    sheet.write_row(2, 0, headings)
    sheet.write_row(3, 0, [611365, "C1"])
    sheet.write_datetime(3, 2, dt.date(2026, 1, 2), day)
    sheet.write_datetime(3, 3, dt.date(2026, 2, 1), day)
    sheet.write_number(3, 4, 0.1 + 0.2)
    sheet.write(3, 5, "EUR")
    book.close()


def test_a_workbook_gives_typed_cells_of_its_first_visible_sheet(tmp_path):
    path = tmp_path / "bills.xlsx"
    workbook(path, hidden_first=True)
    section = Profile.from_dict({"invoices": {"decimal": ","}}).section("invoices")

    ((number, row),) = list(read_rows(path, section))
    values, errors = section.convert(row)

    assert number == 4
    assert errors == []
    assert values["number"] == "611365"
    assert values["due_on"] == dt.date(2026, 2, 1)
    assert str(values["amount"]) == "0.30"


def test_the_sheet_that_the_profile_names_is_taken(tmp_path):
    path = tmp_path / "bills.xlsx"
    workbook(path)

    with pytest.raises(FileRefused) as refused:
        open_table(path, customers(sheet="Other"))
    assert refused.value.code == "no_rows"
    with pytest.raises(FileRefused) as refused:
        open_table(path, customers(sheet="Absent"))
    assert refused.value.code == "missing_sheet"


def test_an_opendocument_sheet_is_read(tmp_path):
    path = tmp_path / "customers.ods"
    _write_ods(path, [["", ""], ["number", "name"], ["C1", "Žofie"]])

    assert list(read_rows(path, CUSTOMERS)) == [(3, {"number": "C1", "name": "Žofie"})]


def test_a_workbook_with_a_password_is_refused(tmp_path):
    path = write(tmp_path, _locked_workbook(), "bills.xlsx")

    with pytest.raises(FileRefused) as refused:
        open_table(path, CUSTOMERS)

    assert refused.value.code == "encrypted"


def test_a_file_larger_than_memory_allows_is_read_a_row_at_a_time(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("number,name\n")
        file.writelines(f"C{at},Ann\n" for at in range(50_000))

    rows = open_table(path, CUSTOMERS).rows()

    assert next(rows).number == 2
    assert sum(1 for _ in rows) == 49_999


@given(st.text(max_size=10))
def test_a_neutralised_formula_is_restored_to_the_letter(cell):
    assert restore(neutralise(cell)) == cell
    assert not neutralise(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


tables = st.lists(
    st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\x00"))] * 2),
    min_size=1,
    max_size=6,
)


@given(
    tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16"])
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path_factory, rows, delimiter, encoding
):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("number", "name"), *rows])
    folder = tmp_path_factory.mktemp("csv")
    path = write(folder, text.getvalue().encode(encoding))

    try:
        read = [tuple(row.values()) for _, row in read_rows(path, CUSTOMERS)]
    except FileRefused as refused:
        assert refused.code == "no_rows"
        read = []

    assert read == [row for row in rows if any(cell.strip() for cell in row)]


def _write_ods(path, rows):
    """Write the least that makes an OpenDocument spreadsheet."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    cell = (
        '<table:table-cell office:value-type="string"><text:p>{}</text:p>'
        "</table:table-cell>"
    )
    body = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
            f'xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}">'
            f'<office:body><office:spreadsheet><table:table table:name="One">{body}'
            "</table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        )


def _locked_workbook():
    """Return the frame that Excel puts around an encrypted workbook, without it."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    sectors = struct.pack("<128I", fat, end, *[free] * 126)

    def entry(name, kind, child):
        encoded = name.encode("utf-16-le") + b"\x00\x00"
        return (
            encoded.ljust(64, b"\x00")
            + struct.pack("<HBBIII", len(encoded), kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", end, 0)
        )

    folder = entry("Root Entry", 5, 1) + entry("EncryptedPackage", 2, free)
    return header + sectors + folder.ljust(512, b"\x00")
