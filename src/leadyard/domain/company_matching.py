"""Whether two spellings are the name of one company (docs/explanation/matching.md).

This is for finding companies. When two leads are the same is a stricter question: `company_name_key`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, product
from typing import NamedTuple
from zlib import crc32

from rapidfuzz.distance import OSA

from leadyard.domain.company_names import InvalidIdentity, company_name_key
from leadyard.domain.countries import COUNTRIES, MAX_COUNTRY_WORDS
from leadyard.domain.spelling import plain_letters, plain_text, spelled_out

AS_WRITTEN = 0.0
SAME_NAME = 1.5
OTHER_FORM = 4.0
OTHER_COUNTRY = 5.0
MISSPELLED = 6.0
"""What a difference takes off the 100 of a match; only differences of one level are weighed together."""

MIN_EDIT_CHARACTERS = 4
MAX_EDIT_CHARACTERS = 80
_MIN_REST_CHARACTERS = 4
_CACHED_NAMES = 16_384


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AND_WORDS = _words("and und et y og och")
_AND = re.compile(rf"\b\s*[&+]\s*\b|\s(?:{'|'.join(sorted(_AND_WORDS))})\s")
_THE = re.compile(r"^the\s+(?=\S)|,\s*the$")
_ASCII_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
_MARKS = re.compile(r"[\W_]+")
_DIGITS = re.compile("[0-9]+")
_PARENTHESES = str.maketrans("()[],", "     ")
_COMMON_FORMS = _words(
    """
    inc incorporated llc ltd limited gmbh gmbhcokg corp corporation company plc llp lp pty ptyltd pvtltd
    pteltd ag kg ohg se sa sas sarl srl spa snc slu bv nv vof ab oy oyj as asa aps sro doo spzoo kft zrt
    ltda lda sadecv
    """
)
_FORMS_IN_FRONT = _COMMON_FORMS - _words("company corporation limited spa")
_LAST_WORDS = frozenset(name.rpartition(" ")[2] for name in COUNTRIES)


def _deletions(text: str) -> Iterable[str]:
    """The text, and the text without each of its characters."""
    yield text
    for place in range(len(text)):
        yield text[:place] + text[place + 1 :]


_LONGEST_FORM = max(map(len, _COMMON_FORMS))
_SHORT_OF_FORMS = frozenset(short for form in _COMMON_FORMS for short in _deletions(form))


class CompanyName(NamedTuple):
    """A company's name taken apart.

    `whole` has its legal form, `spellings` do not, and `bases` are without a country at the end, which is
    `country`. These are letters and digits only; `written` is as it came.
    """

    written: str
    whole: str
    spellings: frozenset[str]
    bases: frozenset[str]
    country: str | None

    @property
    def has_form(self) -> bool:
        """Whether it was written with a legal form."""
        return self.whole not in self.spellings


@lru_cache(_CACHED_NAMES)
def read_company_name(name: str) -> CompanyName | None:
    """The name's parts; None if it has no letter and no digit."""
    try:
        bare = company_name_key(name)
    except InvalidIdentity:
        return None
    base, country = _without_country(bare)
    plain = plain_text(name)
    whole = _squeeze(plain)
    return CompanyName(
        written=name,
        whole=whole,
        spellings=frozenset((whole,)) if bare == plain else _spellings(bare),
        bases=_spellings(base) if country else frozenset(),
        country=country,
    )


def whole_name(name: str) -> str:
    """The `whole` of a name, for much less than all of its parts."""
    return _squeeze(plain_text(name))


def _squeeze(text: str) -> str:
    """Letters and digits only, without the article, "&" as "and"; a name of marks alone stays."""
    if "the" in text:
        text = _THE.sub("", text)
    if "&" in text or "+" in text or not _AND_WORDS.isdisjoint(text.split()):
        text = _AND.sub(" and ", text)
    squeezed = text.translate(_ASCII_MARKS)
    return (squeezed if squeezed.isascii() else _MARKS.sub("", squeezed)) or text


def _spellings(name: str) -> frozenset[str]:
    """The name with plain letters, and with umlauts as two letters."""
    plain = _squeeze(plain_letters(name))
    return frozenset((plain,)) if name.isascii() else frozenset((plain, _squeeze(spelled_out(name))))


def _without_country(bare: str) -> tuple[str, str | None]:
    """The name without the country that it ends in and the legal form before that; None if there is none."""
    written = bare.translate(_PARENTHESES).split()
    if len(written) < 2 or _country_word(written[-1]) not in _LAST_WORDS:
        return bare, None
    words = [_country_word(word) for word in written[-MAX_COUNTRY_WORDS:]]
    for count in range(min(len(words), len(written) - 1), 0, -1):
        country = COUNTRIES.get(" ".join(words[-count:]))
        if country:
            try:
                return company_name_key(" ".join(written[:-count])), country
            except InvalidIdentity:
                return bare, None
    return bare, None


def _country_word(word: str) -> str:
    return plain_letters(word).replace(".", "")


def difference(query: CompanyName, known: CompanyName) -> float | None:
    """What keeps two names from being the same, as points; None for names of two companies."""
    if query.whole == known.whole:
        return AS_WRITTEN
    if not query.spellings.isdisjoint(known.spellings):
        return OTHER_FORM if query.has_form and known.has_form else SAME_NAME
    if not _are_two_countries(query, known):
        bases = (query.bases or query.spellings, known.bases or known.spellings)
        if not bases[0].isdisjoint(bases[1]):
            return OTHER_COUNTRY
        pairs = chain(product(*bases), product(query.spellings, known.spellings))
        if any(is_one_edit(*pair) for pair in pairs):
            return MISSPELLED
    return None


def _are_two_countries(one: CompanyName, other: CompanyName) -> bool:
    return one.country is not None and other.country is not None and one.country != other.country


def is_one_edit(one: str, other: str) -> bool:
    """Whether a letter was left out, added, replaced or exchanged with the next. Digits are no slip."""
    if not MIN_EDIT_CHARACTERS <= max(len(one), len(other)) <= MAX_EDIT_CHARACTERS:
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1 and _DIGITS.findall(one) == _DIGITS.findall(other)


def without_odd_form(name: CompanyName) -> CompanyName | None:
    """The name without a legal form at its beginning, or with a slip at its end; None if it has neither."""
    words = name.written.split()
    if plain_text(words[0]).translate(_ASCII_MARKS) in _FORMS_IN_FRONT:
        return _read_rest(words[1:])
    for count in range(min(3, len(words) - 1), 0, -1):
        tail = plain_text("".join(words[-count:])).translate(_ASCII_MARKS)
        if _is_nearly_a_form(tail):
            return _read_rest(words[:-count])
    return None


def _read_rest(words: list[str]) -> CompanyName | None:
    rest = " ".join(words)
    return read_company_name(rest) if len(rest) >= _MIN_REST_CHARACTERS else None


def _is_nearly_a_form(tail: str) -> bool:
    if len(tail) > _LONGEST_FORM + 1 or _SHORT_OF_FORMS.isdisjoint(_deletions(tail)):
        return False
    return any(OSA.distance(tail, form, score_cutoff=1) <= 1 for form in _COMMON_FORMS)


def exact_keys(name: CompanyName) -> set[int]:
    """What the directory has a name under, and what it is looked up by if it is spelled right."""
    return set(map(spelling_key, name.spellings | name.bases))


def spelling_key(spelling: str) -> int:
    """What the directory has one spelling of a name under."""
    return _digest(f"={spelling}")


def nearby_keys(name: CompanyName) -> set[int]:
    """The same for a name with one slip: two names that are one edit apart share one of these.

    The keys are the name, and the name without each of its characters.
    """
    keys: set[int] = set()
    for spelling in name.spellings | name.bases:
        if len(spelling) + 1 >= MIN_EDIT_CHARACTERS and len(spelling) <= MAX_EDIT_CHARACTERS:
            keys.update(_digests_of_ascii(spelling) if spelling.isascii() else _digests(spelling))
    return keys


def _digests(spelling: str) -> Iterable[int]:
    return (_digest(f"~{variant}") for variant in _deletions(spelling))


def _digests_of_ascii(spelling: str) -> Iterable[int]:
    """The same in a third of the time: what stands before the character left out is not read again."""
    data = spelling.encode()
    before = crc32(b"~")
    length = len(data) << 32
    for place in range(len(data)):
        yield length | crc32(data[place + 1 :], before)
        before = crc32(data[place : place + 1], before)
    yield (len(data) + 1) << 32 | before


def _digest(text: str) -> int:
    """A number that fits a column. What shares it by chance is told apart by `difference`."""
    return len(text) << 32 | crc32(text.encode())
