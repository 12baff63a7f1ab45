"""Which column of a file of leads is what, by its name and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import zip_longest

import msgspec

from leadyard.domain.column_words import NAMES, OTHER_THINGS, ImportField
from leadyard.domain.export_columns import defuse
from leadyard.domain.identity import InvalidIdentity, email_key, linkedin_key, registrable_domain
from leadyard.domain.leads import KNOWN_FIELDS, LeadFields, ListType, UnusableLead, lead_key
from leadyard.domain.spelling import plain_text

SAMPLE_ROWS = 200
"""How many rows are looked at to tell what columns are."""
HEADER_SEARCH_ROWS = 20
MAX_NAME_CHARACTERS = 200

Columns = tuple[ImportField | None, ...]
"""What each column of a file is, in their order; None for one that rides along under its own name."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[\W_]+")
_PHONE = re.compile(
    r"(?:\+|00)?\(?[0-9][0-9 ()./\-\u00a0]{5,22}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?", re.IGNORECASE
)
_NUMBER_OR_DATE = re.compile(r"[+-]?[0-9][0-9.,:/ T%€$£-]*Z?")
_DIGITS = range(7, 16)

_EXACT = 100.0
_PREFERENCE = 0.1
_PARTLY = 60.0
_BY_VALUES = 50.0
_CONFIRMED = 40.0
_LEAST_SHARE = 0.5
_LEAST_SHARE_BY_VALUES = 0.8
_NEARLY = 0.8

_TELLING_WORDS = {
    ImportField.EMAIL: ({"email", "mail", "e mail", "courriel", "correo"}, {"domain", "company"}),
    ImportField.LINKEDIN_URL: ({"linkedin"}, {"company", "account", "organization"}),
    ImportField.COMPANY_DOMAIN: ({"domain", "website"}, {"email"}),
    ImportField.PHONE: ({"phone", "telephone", "mobile", "telefon", "telefono"}, set[str]()),
}
"""For fields whose values can be told: words that suffice in a longer name, and such as speak against it."""


def header_key(name: str) -> str:
    """What names of columns are compared by: `personLinkedinUrl` is `person linkedin url`."""
    parts = _CAMEL.sub(" ", name[:MAX_NAME_CHARACTERS])
    return _NO_WORD.sub(" ", plain_text(parts)).strip().replace("linked in", "linkedin")


_RANKS = {
    field: {header_key(name): _EXACT - place * _PREFERENCE for place, name in enumerate(names)}
    for field, names in NAMES.items()
}


def header_fingerprint(names: Sequence[str]) -> str:
    """What two files have in common whose columns are named alike, in the same order."""
    return sha256("\n".join(map(header_key, names)).encode()).hexdigest()


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """The place of the row with the names of the columns among the first rows; None if there is none.

    It is at least half as wide as the widest. The first that has the most names that are known is it; where
    none has, the first at all, unless there are addresses, numbers or dates in it, as in rows that follow.
    """
    head = rows[:HEADER_SEARCH_ROWS]
    width = max(map(_count_filled, head), default=0)
    wide = [place for place, row in enumerate(head) if 2 * _count_filled(row) >= width > 0]
    without_addresses = [place for place in wide if not any(map(_is_address, head[place]))]
    best = max(without_addresses, key=lambda place: _count_known(head[place]), default=None)
    if best is not None and _count_known(head[best]):
        return best
    return wide[0] if wide and not any(map(_is_data, head[wide[0]])) else None


def name_columns(header: Sequence[str], width: int) -> list[str]:
    """A name for each of `width` columns, all different; what has none is called as a spreadsheet does."""
    names: list[str] = []
    taken: set[str] = set()
    for place, told in zip_longest(range(width), header[:width], fillvalue=""):
        assert isinstance(place, int)
        name = " ".join(str(told).split())[:MAX_NAME_CHARACTERS] or f"Column {column_letters(place)}"
        unique, number = name, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{name} ({number})"
        taken.add(unique.casefold())
        names.append(unique)
    return names


def column_letters(place: int) -> str:
    """How a spreadsheet calls the column at this place: A, …, Z, AA."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """What each column is likely to be: one column a field, one field a column, the surest first.

    A name that is known counts most, unless what stands under it is something else; e-mails, profiles and
    domains are known without a name too.
    """
    samples = [_sample(rows[:SAMPLE_ROWS], place) for place in range(len(names))]
    ranked = sorted(
        (-score, place, field)
        for place, name in enumerate(names)
        for field, score in _score_column(header_key(name), samples[place]).items()
    )
    found: dict[int, ImportField] = {}
    for _, place, field in ranked:
        if place not in found and field not in found.values():
            found[place] = field
    return tuple(found.get(place) for place in range(len(names)))


def find_list_type(columns: Columns, rows: Sequence[Sequence[str]]) -> ListType | None:
    """The type of list that fits these rows; None if there is none for such columns.

    E-mail comes before LinkedIn, and that before title and company, which many people share: the first
    that can take nearly as many rows as any other is it.
    """
    possible = [
        kind
        for kind in (ListType.EMAIL, ListType.LINKEDIN, ListType.TITLES_AND_COMPANY)
        if has_fields_for(kind, columns)
    ]
    leads = [_read_fields(columns, row) for row in rows[:SAMPLE_ROWS]]
    usable = {kind: sum(_is_usable(kind, lead) for lead in leads) for kind in possible}
    least = _NEARLY * max(usable.values(), default=0)
    return next((kind for kind in possible if usable[kind] >= least), None)


def has_fields_for(kind: ListType, columns: Iterable[ImportField | None]) -> bool:
    """Whether there are the columns without which no lead of this type can be."""
    present = set(columns)
    if kind is ListType.TITLES_AND_COMPANY:
        company = {ImportField.COMPANY_NAME, ImportField.COMPANY_DOMAIN}
        return ImportField.TITLE in present and bool(company & present)
    return {ListType.EMAIL: ImportField.EMAIL, ListType.LINKEDIN: ImportField.LINKEDIN_URL}[kind] in present


def member_names(names: Sequence[str], columns: Columns) -> list[str]:
    """Under which name each column's value stands in a lead's JSON; all are different.

    A column that rides along keeps its name, marked where that is a field's.
    """
    fields = {*ImportField, *KNOWN_FIELDS}
    return [
        field or (f"{name} (column {column_letters(place)})" if name in fields else name)
        for place, (name, field) in enumerate(zip(names, columns, strict=True))
    ]


def lead_of_row(members: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A row as a lead: what stands in its cells, without surrounding space; empty cells are left out.

    So are columns without a name, and the apostrophe with which exports keep a text from being a formula.
    """
    texts = zip(members, map(_cell_text, cells), strict=False)
    return {member: text for member, text in texts if text and member}


def lead_json(members: Sequence[str], cells: Sequence[str]) -> msgspec.Raw:
    """The same as the JSON that is stored."""
    return msgspec.Raw(msgspec.json.encode(lead_of_row(members, cells)))


def _cell_text(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text[:1] == "'" and defuse(text[1:]) == text else text


def _count_known(row: Sequence[str]) -> int:
    keys = set(map(header_key, row))
    return sum(any(key in ranks for key in keys) for ranks in _RANKS.values()) if keys != {""} else 0


def _count_filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_address(cell: str) -> bool:
    return _is_email(cell) or _is_profile(cell)


def _is_data(cell: str) -> bool:
    return _is_address(cell) or _NUMBER_OR_DATE.fullmatch(cell.strip()) is not None


def _sample(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    texts = (row[place].strip() for row in rows if place < len(row))
    return [text for text in texts if text]


def _score_column(key: str, values: Sequence[str]) -> dict[ImportField, float]:
    """How well each field fits a column; what does not fit is not named."""
    scores: dict[ImportField, float] = {}
    for field in ImportField:
        by_name = _score_name(field, key)
        test = _TESTS.get(field)
        share = _share(test, values) if test else 0.0
        if by_name and values and (share < _LEAST_SHARE if test else _holds_addresses(values)):
            by_name = 0.0
        if by_name:
            scores[field] = by_name + _CONFIRMED * share
        elif field in _KNOWN_BY_VALUES and share >= _LEAST_SHARE_BY_VALUES:
            scores[field] = _BY_VALUES * share
    return scores


def _score_name(field: ImportField, key: str) -> float:
    if exact := _RANKS[field].get(key):
        return exact
    words = set(key.split())
    telling, against = _TELLING_WORDS.get(field, (set(), set()))
    if words & OTHER_THINGS or words & against:
        return 0.0
    return _PARTLY if words & telling or any(f" {each} " in f" {key} " for each in telling) else 0.0


def _share(test: Callable[[str], bool], values: Sequence[str]) -> float:
    return sum(map(test, values)) / len(values) if values else 0.0


def _holds_addresses(values: Sequence[str]) -> bool:
    return _share(lambda value: _is_email(value) or "://" in value, values) >= _LEAST_SHARE


def _is_email(text: str) -> bool:
    return _gives_key(email_key, text) if "@" in text else False


def _is_profile(text: str) -> bool:
    return _gives_key(linkedin_key, text) if "linkedin" in text.lower() else False


def _is_site(text: str) -> bool:
    return "." in text and "linkedin.com" not in text.lower() and _gives_key(registrable_domain, text)


def _is_phone(text: str) -> bool:
    first = re.split(r"[;,|]| / ", text.lstrip("'"), maxsplit=1)[0].strip()
    return bool(_PHONE.fullmatch(first)) and sum(map(str.isdigit, first)) in _DIGITS


def _gives_key(rule: Callable[[str], str], text: str) -> bool:
    try:
        rule(text)
    except InvalidIdentity:
        return False
    return True


_TESTS = {
    ImportField.EMAIL: _is_email,
    ImportField.LINKEDIN_URL: _is_profile,
    ImportField.COMPANY_DOMAIN: _is_site,
    ImportField.PHONE: _is_phone,
}
_KNOWN_BY_VALUES = frozenset({ImportField.EMAIL, ImportField.LINKEDIN_URL})


def _read_fields(columns: Columns, cells: Sequence[str]) -> LeadFields:
    texts = {
        field: cell.strip() for field, cell in zip(columns, cells, strict=False) if field in KNOWN_FIELDS
    }
    return LeadFields(**texts)


def _is_usable(kind: ListType, lead: LeadFields) -> bool:
    try:
        lead_key(kind, lead)
    except (UnusableLead, InvalidIdentity):
        return False
    return True
