"""How alike job titles are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.titles import MIN_TITLE_SCORE, SAME_TITLE, read_title, title_score

# A line: spellings of one title.
SAME = """
Vice President of Sales | VP Sales | V.P., Sales | V.P of Sales | V P Sales | vice-president - SALES
VP Sales | Sales VP
Senior Vice President Finance | SVP Finance | Sr. VP, Finance
Chief Executive Officer | CEO | C.E.O. | C.E.O
General Manager | GM | Gen. Mgr | Gen Manager
Project Manager | Projektmanager
Supply Chain Manager | SCM Manager
Leiter Marketing | Leitung Marketing
Chief Financial Officer | CFO | chief finance officer
Senior Software Engineer | Sr. Software Eng. | Software Engineer, Senior | Snr software engineer
Marketing Manager | Mktg Mgr | Manager, Marketing | Mgr. Marketing
Director of Engineering | Dir. of Eng. | Engineering Director
Sales & Marketing Director | Director, Sales and Marketing
Human Resources Business Partner | HRBP | HR Business Partner
Research and Development Manager | R&D Manager | R & D Mgr
Co-Founder | Cofounder | co founder
Business Development Manager | BizDev Manager | BDM
Geschäftsführer | GESCHÄFTSFÜHRER (m/w/d) | Geschaftsfuhrer
Vertriebsleiter | Leiter Vertrieb | Leiterin Vertrieb
Engineering Manager | Enineering Manager
Kierownik sprzedaży | kierownik sprzedazy
Directeur commercial | Directrice commercial
Head of Sales | Head of Sales at Acme | Head of Sales | B2B
"""

ALIKE = [
    ("Head of Sales", "Sales Lead"),
    ("Senior Sales Manager", "Snior Sales Manger"),
    ("Customer Success Analyst", "customer succes analyst"),
    ("Procurement Specialist", "Procmt Spec."),
    ("Product Manager", "Prod. Mgr."),
    ("Full Stack Developer", "full istack developer"),
    ("Head of Sales", "Head of Sales EMEA"),
    ("Chief Executive Officer", "Founder & CEO"),
    ("Geschäftsführer", "Geschaeftsfuehrerin"),
]

DIFFERENT = [
    ("CEO", "CFO"),
    ("CEO", "Assistant to the CEO"),
    ("President", "Vice President"),
    ("VP Sales", "SVP Sales"),
    ("Sales Manager", "Senior Sales Manager"),
    ("Senior Sales Manager", "Junior Sales Manager"),
    ("Director of Sales", "Director of Marketing"),
    ("Product Manager", "Project Manager"),
    ("Product Manager", "Production Manager"),
    ("Account Manager", "Accounting Manager"),
    ("Internal Communications Manager", "External Communications Manager"),
    ("Software Engineer II", "Software Engineer III"),
    ("C++ Developer", "C# Developer"),
    ("Head of Sales EMEA", "Head of Sales APAC"),
    ("Sales", "Sales Manager"),
    ("Marketing Director", "Director of Digital Marketing"),
]


def score(one: str, other: str) -> float:
    return title_score(read_title(one), read_title(other))


@pytest.mark.parametrize("line", SAME.strip().splitlines())
def test_spellings_of_a_title_are_the_same(line: str) -> None:
    first, *others = line.split(" | ") if "B2B" not in line else line.split(" | ", 2)
    assert {other: score(first, other) for other in others} == dict.fromkeys(others, SAME_TITLE)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_slips_and_small_additions_leave_titles_alike(one: str, other: str) -> None:
    assert MIN_TITLE_SCORE <= score(one, other) < SAME_TITLE


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_rank_or_field_is_another_job(one: str, other: str) -> None:
    assert score(one, other) < MIN_TITLE_SCORE


def test_title_of_fillers_alone_is_like_nothing() -> None:
    assert score("of the", "of the") == 0.0
    assert score("of the", "CEO") == 0.0


WORDS = "Head Sales VP Sr. Manager of Eng. R&D Lead II EMEA Chief x é 株"
words = st.sampled_from(WORDS.split())
titles = st.one_of(st.lists(words, max_size=6).map(" ".join), st.text(max_size=20))


@given(titles, titles)
def test_score_is_symmetric_and_within_bounds(one: str, other: str) -> None:
    assert 0.0 <= score(one, other) <= SAME_TITLE
    assert (score(one, other) >= MIN_TITLE_SCORE) == (score(other, one) >= MIN_TITLE_SCORE)
