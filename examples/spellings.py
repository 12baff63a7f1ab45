"""How people write one and the same thing: a profile's address, a mailbox, a domain, a name, a number.

Every function here changes only what the service ignores when it decides whether two leads are the same; a
spelling that would change that is never returned. The `odd_` ones are those of an export, a share menu or a
tired typist.
"""

from __future__ import annotations

import string
import unicodedata
from typing import NamedTuple
from urllib.parse import quote

from words import Dice, NumberRange, Vocabulary

NO_BREAK_SPACE = "\u00a0"
FULL_WIDTH_OFFSET = 0xFEE0
LONGEST_FULL_WIDTH = 24
IDEOGRAPHIC_SPACE = "\u3000"

_ID_LETTERS = string.ascii_letters + string.digits + "-_"
_SALES_WORDS = ("NAME_SEARCH", "OUT_OF_NETWORK", "LEAD_LIST")


class Phone(NamedTuple):
    """A number that nobody has: its range, its digits in groups, and whether its owner lives there."""

    range: NumberRange
    groups: str
    at_home: bool


def comparable(text: str) -> str:
    """Return what titles and names of companies are compared by."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def full_width(text: str) -> str:
    """Return ASCII letters, digits and signs in the wide forms of a Japanese keyboard."""
    wide = {code: chr(code + FULL_WIDTH_OFFSET) for code in range(0x21, 0x7F)} | {0x20: IDEOGRAPHIC_SPACE}
    return text.translate(wide)


def odd_text(dice: Dice, text: str) -> str:
    """Return another spelling of a name or title that compares equal, or the text itself if there is none."""
    first, _, rest = text.partition(" ")
    spellings = [text.upper(), text.lower(), text.upper(), text.lower(), text.title(), text + " ", " " + text]
    if rest:
        spellings += [f"{first}  {rest}", first + NO_BREAK_SPACE + rest]
    if text.isascii() and len(text) <= LONGEST_FULL_WIDTH:
        spellings.append(full_width(text))
    equal = [each for each in spellings if each != text and comparable(each) == comparable(text)]
    return dice.pick(equal) if equal else text


def odd_email(dice: Dice, email: str) -> str:
    """Return another spelling of the same mailbox: other case, blanks around it, the domain in ASCII."""
    local, _, domain = email.partition("@")
    spellings = [email.upper(), email.title(), f"{local}@{domain.upper()}", f"{email} ", f" {email}"]
    spellings = [each for each in spellings if each.strip().lower() == email.lower() and each != email]
    if not domain.isascii():
        spellings += [f"{local}@{domain.encode('idna').decode('ascii')}"] * 3
    return dice.pick(spellings)


def odd_domain(dice: Dice, domain: str) -> str:
    """Return another host of the same registrable domain, or the same one in another case or alphabet."""
    spellings = [f"www.{domain}", domain.title(), f"WWW.{domain}", f"shop.{domain}"]
    if domain.isascii():
        spellings.append(domain.upper())
    else:
        spellings.append(domain.encode("idna").decode("ascii"))
    return dice.pick(spellings)


def plain_url(dice: Dice, words: Vocabulary, path: str) -> str:
    """Return a profile's address as a tidy address book has it, always correct but not always alike."""
    hosts = ["https://www.linkedin.com/"] * 7 + ["https://linkedin.com/", "http://www.linkedin.com/"]
    hosts += ["www.linkedin.com/", f"https://{dice.pick(words.shared['country_hosts'])}.linkedin.com/"]
    slash = "/" if dice.chance(15) else ""
    written = path if dice.chance(40) else quote(path)
    return dice.pick(hosts) + written + _search_words(dice, path) + slash


def odd_url(dice: Dice, words: Vocabulary, path: str) -> str:
    """Return the address of the same profile as it comes out of an export, a share menu or a mail."""
    is_person = path.startswith("in/")
    country = dice.pick(words.shared["country_hosts"])
    hosts = ["www.linkedin.com", "linkedin.com", f"{country}.linkedin.com", "WWW.LinkedIn.com"]
    hosts.append("www.linkedin.com.")
    lead_in = dice.pick(("", "", "", "mwlite/", "m/", "comm/")) if is_person else ""
    written = _odd_path(dice, path)
    if is_person or path.startswith("pub/"):
        tails = ["", "/", "//"] + ([f"/{dice.pick(words.shared['locales'])}"] * 2 if is_person else [])
    else:
        tails = [_search_words(dice, path)]
    query = dice.pick(words.shared["queries"]) if dice.chance(35) else ""
    url = dice.pick(("https://", "http://", "", "HTTPS://")) + dice.pick(hosts) + "/" + lead_in + written
    padding = dice.pick(("{}", "{}", "{}", "{}", " {}", "{} ", "  {} "))
    return padding.format(url + dice.pick(tails) + query)


def _odd_path(dice: Dice, path: str) -> str:
    """Return the path with its slug encoded, decomposed or in capitals; ids stay, since their case counts."""
    if not path.startswith(("in/", "pub/")):
        return path
    encoded = quote(path)
    spellings = [path, encoded, quote(unicodedata.normalize("NFD", path))]
    spellings.append(encoded.replace("%C3", "%c3").replace("%D0", "%d0"))
    if path.upper().lower() == path:
        spellings += [path.upper(), quote(path.upper()), path.replace("in/", "IN/", 1)]
    return dice.pick(spellings)


def _search_words(dice: Dice, path: str) -> str:
    """Return what Sales Navigator puts behind an id: where the reader came from, and a short token."""
    if not path.startswith("sales/"):
        return ""
    return f",{dice.pick(_SALES_WORDS)},{''.join(dice.pick(_ID_LETTERS) for _ in range(4))}"


def phone_number(dice: Dice, phone: Phone) -> str:
    """Return the number in one of the ways people write it; without its country code only at home."""
    if phone.at_home and dice.chance(45):
        return _number_at_home(dice, phone)
    code, trunk, groups = phone.range.code, phone.range.trunk, phone.groups
    area, _, rest = groups.partition(" ")
    digits, dashed = groups.replace(" ", ""), groups.replace(" ", "-")
    bracketed = f"+{code} ({area}) {rest}" if trunk == code else f"+{code} ({trunk}){groups}"
    extended = f"+{code} {groups} ext. {100 + dice.below(900)}"
    return dice.pick(
        [f"+{code}{digits}"] * 3 + [f"+{code} {groups}", f"+{code}-{dashed}", bracketed, extended]
    )


def _number_at_home(dice: Dice, phone: Phone) -> str:
    code, trunk = phone.range.code, phone.range.trunk
    area, _, rest = phone.groups.partition(" ")
    if trunk == code:
        dashed = phone.groups.replace(" ", "-")
        extended = f"{dashed} x{10 + dice.below(90)}"
        bracketed = f"({area}) {rest.replace(' ', '-')}"
        return dice.pick((dashed, dashed.replace("-", "."), f"{trunk}-{dashed}", bracketed, extended))
    unbroken = trunk + phone.groups.replace(" ", "")
    return dice.pick((f"{trunk}{area} {rest}", f"({trunk}{area}) {rest}", f"{trunk}{area}-{rest}", unbroken))


def profile_id(dice: Dice, number: int) -> str:
    """Return an id such as Sales Navigator and Recruiter give, in which upper and lower case differ."""
    return f"ACwAAA{''.join(dice.pick(_ID_LETTERS) for _ in range(10))}Example{number}"
