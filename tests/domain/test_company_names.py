"""Company names as keys: folded, without their legal form."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadyard.domain.company_names import (
    MAX_TEXT_CHARACTERS,
    InvalidIdentity,
    _fold_by_unicode,
    company_name_key,
    fold_text,
)
from leadyard.domain.legal_forms import AFTER, AFTER_IF_DOTTED, ATTACHED, BEFORE

ROOT = Path(__file__).resolve().parents[2]
GLEIF_LIST = ROOT.parent / "shared" / "corpora" / "legal-forms.jsonl"

PIECES = "Acme S.A. S. & and the , . - « P.C. Bt. Sp. z o.o. ㈱ア"

legal_forms = st.sampled_from(sorted(AFTER | AFTER_IF_DOTTED | BEFORE | ATTACHED))
pieces = st.one_of(
    legal_forms,
    legal_forms.map(str.upper),
    st.sampled_from(PIECES.split()),
    st.text(max_size=6),
)
names = st.lists(pieces, min_size=1, max_size=6).flatmap(
    lambda words: st.sampled_from([" ", "  ", "", ",", ", "]).map(lambda gap: gap.join(words))
)


def key_or_none(name: str) -> str | None:
    try:
        return company_name_key(name)
    except InvalidIdentity:
        return None


# A line: the key, then names that have it.
SAME_COMPANY = """
acme: acme | ACME | Acme GmbH | ACME  gmbh | Ａｃｍｅ　ＧｍｂＨ | Acme, Inc. | Acme,Inc | Acme LLC
acme: Acme L.L.C. | Acme Ltd | Acme Ltd. | Acme Limited | Acme Pty Ltd | Acme (Pty) Ltd. | ACME PTY. LTD.
acme: Acme plc | "Acme" Corp | Acme, Corporation
müller: Müller GmbH & Co. KG | MÜLLER GMBH & CO KG | Müller KG | Müller GmbH&Co.KG
müller: Mu\u0308ller e.K. | Müller - GmbH
foo: Foo UG (haftungsbeschränkt) | Foo Aktiengesellschaft | Foo KGaA | Foo gGmbH | Foo AG | Foo Kft. | Foo Bt.
fiat: Fiat S.p.A. | FIAT SPA | Fiat SpA | Fiat s.p.a | Fiat S.r.l.
żabka: Żabka Sp. z o.o. | Żabka sp zoo | ŻABKA SP. Z O. O. | Żabka Spółka z o.o. | Żabka sp. z o.o. sp. k.
bimbo: Bimbo S.A. de C.V. | Bimbo, S. A. de C. V. | BIMBO SA DE CV | Bimbo S.A.B. de C.V. | Bimbo S. de R.L.
petrobras: Petrobras S/A | Petrobras S.A. | PETROBRAS SA | Petrobras Ltda. - EPP | Petrobras EIRELI - ME
maersk: Maersk A/S | Maersk ApS | Maersk AS | MAERSK a/s
volvo: Volvo AB | Volvo AB (publ) | Volvo Aktiebolag | Volvo Oyj
koç: Koç A.Ş. | KOÇ LTD. ŞTİ. | Koç Ltd. Şti. | Koç Anonim Şirketi
škoda: Škoda a.s. | Škoda a. s. | Škoda s.r.o. | Škoda, spol. s r. o. | ŠKODA D.O.O.
dupont: Dupont SARL | SARL Dupont | Dupont S.à r.l. | Dupont Sàrl | Dupont SAS | EURL Dupont
karl fazer: Oy Karl Fazer Ab | Karl Fazer Oy | Karl Fazer Oy Ab
ромашка: ООО Ромашка | ООО «Ромашка» | Ромашка ООО | ЗАО «РОМАШКА» | Акционерное общество Ромашка
астра: ТОВ «Астра» | Астра АД | Астра ЕООД | Астра доо
bank central asia: PT Bank Central Asia Tbk | PT. Bank Central Asia, Tbk. | Bank Central Asia
fpt: Công ty Cổ phần FPT | Công ty TNHH FPT | CÔNG TY TNHH MTV FPT | FPT JSC | FPT Joint Stock Company
toyota: Toyota K.K. | Toyota KK | Toyota Co., Ltd. | Toyota Co.,Ltd | Kabushiki Kaisha Toyota
アクメ: 株式会社アクメ | アクメ株式会社 | 株式会社 アクメ | アクメ（株） | ㈱アクメ | アクメ(有)
삼성전자: 삼성전자 주식회사 | (주)삼성전자 | ㈜삼성전자 | 삼성전자주식회사
腾讯科技: 腾讯科技有限公司 | 腾讯科技股份有限公司 | 腾讯科技 有限责任公司
ปตท: บริษัท ปตท. จำกัด (มหาชน) | บริษัทปตท.จำกัด
المراعي: شركة المراعي | المراعي ذ.م.م | شركة المراعي ش.م.ع.
בנק לאומי: בנק לאומי בע"מ | בנק לאומי בע״מ
tata: Tata Pvt. Ltd. | Tata Private Limited | Tata Pvt.Ltd. | TATA (P) LTD
tiffany: Tiffany & Co. | Tiffany and Company | TIFFANY & CO
smith & jones: Smith & Jones, P.C. | Smith & Jones P.L.L.C. | Smith & Jones LLP | Smith & Jones, P.A.
"""

STAYS_AS_IT_IS = """
the limited | ltd | limited liability company | 株式会社 | royal society | chelsea football club
acme group | deutsche bank | bank of america | the national trust | ford foundation
navy federal credit union | hotel & spa | san diego zoo | the daily scoop | gaming pc
visit pittsburgh pa | a.o. smith | as roma | sas institute | limited brands | inc magazine | sap
ab testing | bt group | revenue ops | vitamin a | yahoo! | h&m | disney+ | .net foundation
amazon.com | joe's | acme (uk) | smith pt | sa power networks | company of heroes | of the co | 株式会社!
"""


def items(line: str) -> list[str]:
    return [item.strip() for item in line.split(" | ")]


@pytest.mark.parametrize("line", SAME_COMPANY.strip().splitlines(), ids=lambda line: line.partition(":")[0])
def test_legal_forms_do_not_tell_companies_apart(line: str) -> None:
    key, _, spellings = line.partition(": ")
    assert {name: company_name_key(name) for name in items(spellings)} == dict.fromkeys(items(spellings), key)


def test_words_stay() -> None:
    names = [name for line in STAYS_AS_IT_IS.strip().splitlines() for name in items(line)]
    assert [company_name_key(name.upper()) for name in names] == names


@pytest.mark.parametrize(
    "name", ["", "  ", "\t\r\n", "\x00\x1f", "-", "...", "«»", "???", "\ud800", "\u3000"]
)
def test_name_without_letter_or_digit_names_no_company(name: str) -> None:
    with pytest.raises(InvalidIdentity) as refusal:
        company_name_key(name)
    assert refusal.value.field == "company_name"
    assert str(refusal.value) == "company_name cannot identify a person"


@given(names)
@example("Kovács Bt.")
@example("Acme GmbH -")
@example("アクメ株式会社.")
@example("Acme - GmbH")
@example("Acme -,Berlin")
@example("Acme,- Berlin")
@example("Smith P.C.")
@example("ﷺ" * 100)
def test_key_of_a_key_is_itself(name: str) -> None:
    key = key_or_none(name)
    assert key is None or company_name_key(key) == key


@given(names)
def test_only_a_name_without_letter_or_digit_has_no_key(name: str) -> None:
    assert (key_or_none(name) is None) == (not any(map(str.isalnum, fold_text(name))))


@given(st.sampled_from(sorted(AFTER)), st.sampled_from(["Acme", "Nordwind & Söhne", "東京"]))
def test_every_form_goes_in_any_case_with_comma_or_dot(form: str, name: str) -> None:
    assert (
        company_name_key(f"{name} {form}")
        == company_name_key(f"{name.upper()}, {form.upper()}.")
        == fold_text(name)
    )


@given(st.text())
@example("a\u0345\u0301")
@example("\u00a8 x")
@example("Ꭰꭰ" * MAX_TEXT_CHARACTERS)
def test_folding_reaches_a_fixed_point(text: str) -> None:
    folded = fold_text(text)
    assert fold_text(folded) == folded == " ".join(folded.split())
    folded.encode()


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_ascii_is_folded_as_by_the_full_rule(text: str) -> None:
    assert fold_text(text) == _fold_by_unicode(text)


def by_steps(text: str) -> str:
    """The rule, each step on every text."""
    printable = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text
    ).split()
    joined = " ".join(printable)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", joined).casefold())
    folded = " ".join(folded.split())
    if len(joined) > MAX_TEXT_CHARACTERS:
        return sha256(joined.casefold().encode()).hexdigest()
    return folded if len(folded) <= MAX_TEXT_CHARACTERS else sha256(folded.encode()).hexdigest()


spaced = st.lists(st.one_of(st.sampled_from([" ", "  ", "\u0301", "\u00a8", "\t"]), st.text(max_size=4)))


@given(spaced.map("".join))
@example(" \u0301a")
@example("a" + " " * MAX_TEXT_CHARACTERS + "b")
def test_steps_that_have_nothing_to_do_are_left_out(text: str) -> None:
    assert fold_text(text) == by_steps(text)


def test_every_character_folds_to_a_fixed_point() -> None:
    folded = (fold_text(f"a{chr(point)}") for point in range(0x30000))
    assert [text for text in folded if fold_text(text) != text] == []


def test_every_form_is_spelled_as_names_are_folded() -> None:
    forms = AFTER | AFTER_IF_DOTTED | BEFORE | ATTACHED
    assert {form for form in forms if fold_text(form) != form} == set()


def test_digest_stands_for_what_is_too_long() -> None:
    longest = "x" * MAX_TEXT_CHARACTERS
    assert fold_text(f" {longest}  ") == longest
    assert len({fold_text(longest + end) for end in ("a", "A", " b", "\u00e9")}) == 3
    assert len(fold_text("ﷺ" * 100)) == len(fold_text(longest + "a")) == 64


def test_text_of_any_length_is_folded_in_no_time() -> None:
    assert len(fold_text("a" + "\u0301\u0316" * 500_000)) == 64
    assert len(company_name_key("ltd " * 250_000)) == 64


def test_table_is_what_the_script_makes_of_the_list() -> None:
    if not GLEIF_LIST.exists():
        pytest.skip("GLEIF's list is not on this machine")
    command: list[str | Path] = [sys.executable, ROOT / "tools" / "make_legal_forms.py", GLEIF_LIST]
    made = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert made == (ROOT / "src/leadyard/domain/legal_forms.py").read_text("utf-8")
