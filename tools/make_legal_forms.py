"""Make src/leadyard/domain/legal_forms.py, the table of legal forms that company_name_key takes off a name.

    python tools/make_legal_forms.py legal-forms.jsonl > src/leadyard/domain/legal_forms.py

The file given is GLEIF's list of entity legal forms (ISO 20275, CC0), one JSON object a line with `country`,
`name` and `abbr` (a list). From it come the abbreviations that a company carries in its name, and the full
names of companies in scripts other than Latin; BY_HAND adds what the list lacks. A form left in a key costs
a missed duplicate, a word taken off one joins two companies: what could be a word is left out, or counts only
if written with dots.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

# For these countries the list has a register's codes or kinds, not what stands in a name.
CODES_NOT_NAMES = {"BE", "CH", "GR", "LT", "LU", "RO", "RU", "SE", "SK"}

# The list calls these abbreviations. A multiple-word form with one of them in it is left out too.
ORDINARY = """
ass'n assn assoc association banka bencom bezirk caisee caisse cemix chartered chtd co-op co-operative
communauté condominium consortile consorzio coop cooperativa cooperative coopltd coopératif coopération
coopérative coöp coöperatie credit district electric fiduciaire fiducie fund gele icav incorporation
indigenous liability limted loan membership or parish partnership partnerships perum pool proprietary
prêt reit scom scomp scoop societe society société sole trust trustco trustee
"""

# Words that tell the forms of companies from those of clubs, funds and offices; and words that exclude one.
COMPANY_WORDS = (
    "公司",
    "会社",
    "회사",
    "обществ",
    "дружество",
    "друштво",
    "таварыства",
    "ανώνυμη",
    "περιορισμένης",
)
NOT_COMPANY_WORDS = ("外国", "非", "펀드", "чужд", "странско", "αλλοδαπή", "και", "закона", "eвроп")

BY_HAND = {
    "after": """
    Inc. | Incorporated | Corp. | Corporation | Co. | Company | Co. Ltd. | Company Limited | Ltd.
    Limited | LLC | Limited Liability Company | Limited Liability Co. | Limited Company
    Limited Liability Partnership | Limited Partnership | PLC | LLP | LP | LLLP | PLLC | & Co. | and Co.
    & Company | and Company | Unltd. | Professional Corporation | Unlimited Company
    Public Limited Company | Public Company Limited | PCL | Private Limited Company
    Community Interest Company | JSC | Joint Stock Company | PJSC | CJSC | OJSC | OOO | OAO | ZAO | PAO
    ТОО | ООО | ОАО | ЗАО | ПАО | АО | Pvt. Ltd. | Private Limited | P. Ltd. | Pvt. Limited
    Private Ltd. | Pty. | Pty. Ltd. | Pty. Limited | Pte. Ltd. | Pte. Limited | Proprietary Limited
    Sdn. Bhd. | Bhd. | Berhad | SMC-Private Limited | FZ-LLC | FZE | FZCO | WLL | GmbH | gGmbH | mbH
    Gesellschaft mit beschränkter Haftung | AG | Aktiengesellschaft | KGaA | KG | OHG | GbR | eG
    & Co. KG | & Co. KGaA | & Co. OHG | u. Co. KG | und Co. KG | u. Co. | und Co. | Co.KG | GmbH&Co.
    GmbH&Co.KG | UG haftungsbeschränkt | e.K. | e. K. | e.Kfm. | e.Kfr. | eingetragener Kaufmann
    PartG mbB | PartGmbB | VVaG | SARL | S.à r.l. | S.à.r.l. | Sàrl | SARLU | EURL | SAS | SASU | SNC
    SELARL | SELAS | ASBL | Ltée | Limitée | Sagl | Société anonyme | Société à responsabilité limitée
    Société par actions simplifiée | SENC | SENCRL | SPRL | SRL | SA | S. A. | SE | BV | B. V. | NV
    N. V. | VOF | BVBA | CVBA | VZW | CommV | Naamloze Vennootschap | Besloten Vennootschap | S.p.A.
    S.r.l. | S.r.l.s. | S.a.s. | S.n.c. | S.c.a.r.l. | S.r.l. unipersonale | Società per azioni
    Società a responsabilità limitata | S.L. | S. L. | S.L.U. | S.L.N.E. | Sociedad Anónima
    Sociedad Limitada | Sociedad de Responsabilidad Limitada | S.A. de C.V. | S. de R.L. de C.V.
    S.A.P.I. de C.V. | S.A.B. de C.V. | S.A.S. de C.V. | S. de R.L. | E.I.R.L.
    S.A. de C.V. SOFOM E.N.R. | S.A. de C.V. SOFOM E.R. | S.A.P.I. de C.V. SOFOM E.N.R. | Ltda.
    Limitada | S. en C. | Cía. Ltda. | Cia. Ltda. | y Cía. | y Cia. | e Cia. | & Cia. | Lda.
    Unipessoal Lda. | SGPS | Ltda. ME | Ltda. EPP | S/A | EIRELI | EIRELI ME | EIRELI EPP | A/S | ApS
    I/S | K/S | P/S | AS | ASA | AB | AB (publ) | (publ) | Aktiebolag | HB | KB | Handelsbolag | Oy | Oyj
    Oy Ab | Abp | Oyj Abp | Osakeyhtiö | hf. | ehf. | ohf. | Aktieselskab | Anpartsselskab | Aksjeselskap
    OÜ | MTÜ | SIA | UAB | VšĮ | Aktsiaselts | Osaühing | Sp. z o.o. | Sp. zoo | Sp. z.o.o. | Sp. k.
    Sp. j. | Sp. p. | Spółka z o.o. | Spółka Akcyjna | Spółka komandytowa
    Spółka z ograniczoną odpowiedzialnością | Spółka jawna | Prosta Spółka Akcyjna | s.r.o.
    spol. s r.o. | a. s. | společnost s r.o. | akciová společnost | Kft. | Zrt. | Nyrt. | Kkt. | Bt.
    Korlátolt Felelősségű Társaság | d.o.o. | j.d.o.o. | DOOEL | EOOD | OOD | EAD | sh.p.k. | A.Ş.
    A. Ş. | Ltd. Şti. | LTD. ŞTİ. | LTD. STI. | Limited Şirketi | LİMİTED ŞİRKETİ | Anonim Şirketi
    ANONİM ŞİRKETİ | K.K. | K. K. | Kabushiki Kaisha | Kabushiki-Kaisha | Godo Kaisha | Yugen Kaisha
    Tbk. | Persero | (Persero) Tbk. | Α.Ε. | Α.Β.Ε.Ε. | Ε.Π.Ε. | Ι.Κ.Ε. | Ο.Ε. | Ε.Ε. | Ανώνυμη Εταιρεία
    Μονοπρόσωπη Ι.Κ.Ε. | ՍՊԸ | ՓԲԸ | ԲԲԸ | בע"מ | ذ.م.م | ش.م.م | ش.م.ع | ش.م.ك | ش.م.خ | ش.م.ب | ش.ذ.م.م
    المحدودة | ذات مسؤولية محدودة | ذات المسؤولية المحدودة | شركة مساهمة | مساهمة عامة | المساهمة العامة
    شركة مساهمة مقفلة | با مسئولیت محدود | سهامی خاص | سهامی عام | प्राइवेट लिमिटेड | लिमिटेड
    প্রাইভেট লিমিটেড | লিমিটেড
    """,
    "before": """
    ООО | ОАО | ЗАО | ПАО | НАО | АО | ОДО | ИП | ЧП | УП | ЧУП | ТОО | ТОВ | ПрАТ | ПАТ | АТ | ПП | ФОП
    ДП | ТДВ | ЕТ | СД | Общество с ограниченной ответственностью | Акционерное общество
    Публичное акционерное общество | Закрытое акционерное общество | Открытое акционерное общество
    Непубличное акционерное общество | Индивидуальный предприниматель
    Товариство з обмеженою відповідальністю | Приватне акціонерне товариство
    Публічне акціонерне товариство | Акціонерне товариство | Приватне підприємство
    Товарищество с ограниченной ответственностью | OOO | OAO | ZAO | PAO | TOV | LLC | JSC | PJSC | CJSC
    OJSC | Limited Liability Company | Joint Stock Company | SIA | UAB | VšĮ | OÜ | Oy | SARL | EURL | PT
    Kabushiki Kaisha | Spółka z o.o. | Sp. z o.o. | Công ty TNHH | Công ty TNHH MTV
    Công ty TNHH Một Thành Viên | Công ty Cổ phần | Công ty CP | CTCP | Cty TNHH
    Công ty TNHH Hai Thành Viên | Công ty trách nhiệm hữu hạn | Công ty hợp danh | DNTN
    Công ty trách nhiệm hữu hạn một thành viên | Doanh nghiệp tư nhân | Cong ty TNHH | Cong ty TNHH MTV
    Cong ty Co phan | Cong ty CP | شركة | شرکت | الشركة | شركة مساهمة | შპს | სს | บมจ. | บจก. | หจก.
    """,
    "after, if dotted": """
    A.C. | A.D. | A.E. | A.Y. | B.A. | C.V. | D.A. | D.D. | e.V. | G.K. | K.D. | K.S. | K.Y. | M.B.
    N.A. | P.A. | P.C. | P.L. | S.C. | S.J. | S.K. | S.P. | S.S. | T.P. | Y.K. | d.n.o. | o.p.s. | P.S.A.
    S.A.A. | S.A.C. | S.A.U. | S.C.A. | S.C.S. | S.K.A. | sh.a. | v.o.s. | z.s.
    """,
    "attached": """
    株式会社 | 有限会社 | 合同会社 | (株) | (有) | (合) | (同) | 有限公司 | 有限责任公司 | 有限責任公司
    股份有限公司 | 股份公司 | 주식회사 | 유한회사 | (주) | (유) | บริษัท | ห้างหุ้นส่วนจำกัด | จำกัด
    จำกัด (มหาชน) | จำกัด(มหาชน) | (มหาชน)
    """,
}

LONGEST_ABBREVIATION = 32
NOT_IN_ABBREVIATIONS = set("0123456789&[],–’")
MARKS = str.maketrans("", "", ".,;:()-–—\"'’‘“”„«»״׳")
LINE_LENGTH = 108

HEADER = '''"""Legal forms of companies, as company_name_key compares them.

Made by tools/make_legal_forms.py from GLEIF's list of entity legal forms (ISO 20275, CC0) and its own list.
"""


def _forms(text: str) -> frozenset[str]:
    return frozenset(" ".join(text.split()).split(" | "))

'''


def fold(text: str) -> str:
    """A form as company_name_key sees it: NFKC, case-folded, one space between words."""
    folded = unicodedata.normalize("NFKC", text)
    folded = unicodedata.normalize("NFKC", folded.casefold())
    return " ".join(folded.split())


def bare(form: str) -> str:
    """The words of a form, folded and without punctuation."""
    return " ".join(fold(form).translate(MARKS).split())


def spellings(form: str) -> Iterator[str]:
    """As written, without the spaces after dots, and with one after each unless that makes a mere pair."""
    yield bare(form)
    yield bare(form.replace(". ", "."))
    spaced = bare(form.replace(".", ". "))
    if len(spaced) > len("a b"):
        yield spaced


def width(text: str) -> int:
    """How many columns it takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def is_latin(form: str) -> bool:
    """Whether every letter is a Latin one."""
    return all("LATIN" in unicodedata.name(letter) for letter in form if letter.isalpha())


def is_cyrillic(form: str) -> bool:
    """Whether every letter is a Cyrillic one."""
    return all("CYRILLIC" in unicodedata.name(letter) for letter in form if letter.isalpha())


def is_abbreviation(form: str) -> bool:
    """Whether what the list calls an abbreviation is one, and no word or description."""
    letters = bare(form).replace(" ", "")
    is_short = 1 < len(letters) <= LONGEST_ABBREVIATION
    return (
        is_short
        and not set(form) & NOT_IN_ABBREVIATIONS
        and not set(bare(form).split()) & set(ORDINARY.split())
    )


def read_list(path: Path) -> tuple[set[str], set[str]]:
    """GLEIF's abbreviations, and its names of companies in other scripts than Latin."""
    abbreviations, names = set(), set()
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        name = fold(row["name"])
        if row["country"] in CODES_NOT_NAMES:
            continue
        abbreviations |= {bare(form) for form in row["abbr"] if is_abbreviation(form) and " / " not in form}
        is_company = any(word in name for word in COMPANY_WORDS)
        if is_company and not any(word in name for word in NOT_COMPANY_WORDS):
            names.add(bare(name))
    return abbreviations, names


def by_hand(place: str) -> set[str]:
    """One part of BY_HAND, as written there."""
    return {form.strip() for line in BY_HAND[place].splitlines() for form in line.split("|") if form.strip()}


def spelled(place: str) -> set[str]:
    """One part of BY_HAND in every spelling."""
    return {spelling for form in by_hand(place) for spelling in spellings(form)}


def make_tables(path: Path) -> dict[str, tuple[str, set[str]]]:
    """The constants of the module: what each is for, and its forms."""
    abbreviations, names = read_list(path)
    short = {form for form in abbreviations if is_latin(form) and len(form.replace(" ", "")) < 4}
    cyrillic = {form for form in abbreviations | names if is_cyrillic(form) and len(form) > 2}
    before = spelled("before")
    after = (
        spelled("after") | {form for form in before if not is_latin(form)} | (abbreviations - short) | names
    )
    attached = {fold(form) for form in by_hand("attached")} | {name for name in names if name[-1] in "司社사"}
    dotted = {form for form in short if form.isalpha()} | {bare(form) for form in by_hand("after, if dotted")}
    return {
        "AFTER": ("At the end of a name.", after - attached),
        "AFTER_IF_DOTTED": (
            "At the end, if written with dots: without them they could be words.",
            dotted - after,
        ),
        "BEFORE": ("At the beginning.", before | cyrillic),
        "ATTACHED": ("At either end, with or without a space.", attached),
    }


def as_source(name: str, purpose: str, forms: Iterable[str]) -> str:
    """One constant of the module."""
    lines = [""]
    for form in sorted(forms):
        if width(lines[-1]) + width(form) + len(" | ") > LINE_LENGTH:
            lines.append("")
        lines[-1] += f"{form} | "
    text = "\n".join(line.rstrip() for line in lines).removesuffix(" |")
    return f'\n# {purpose}\n{name} = _forms(\n    """\n{text}\n"""\n)\n'


def main() -> None:
    """Print the module."""
    sources = [as_source(name, *table) for name, table in make_tables(Path(sys.argv[1])).items()]
    sys.stdout.write(HEADER + "".join(sources))


if __name__ == "__main__":
    main()
