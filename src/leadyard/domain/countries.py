"""Countries as they stand at the end of a company's name, in the spelling of `plain_text`."""

from __future__ import annotations


def _table(text: str) -> dict[str, str]:
    """Each way to write a country, to the first of its line."""
    table = {}
    for line in text.strip().splitlines():
        names = [name.strip() for name in line.split(",")]
        table.update(dict.fromkeys(names, names[0]))
    return table


COUNTRIES = _table(
    """
argentina
australia
austria, osterreich, oesterreich
belgium, belgique, belgie, belgien
brazil, brasil
bulgaria
canada
chile
china
colombia
croatia, hrvatska
czech republic, czechia, ceska republika, cesko
denmark, danmark
estonia, eesti
finland, suomi
france
germany, deutschland, allemagne, alemania
greece, hellas
hong kong
hungary, magyarorszag
iceland
india
indonesia
ireland
israel
italy, italia, italien
japan
korea, south korea
latvia
lithuania, lietuva
luxembourg
malaysia
mexico
netherlands, nederland, the netherlands, holland
new zealand
norway, norge
peru
philippines
poland, polska, polen
portugal
romania
saudi arabia
serbia, srbija
singapore
slovakia, slovensko
slovenia, slovenija
south africa
spain, espana, spanien, espagne
sweden, sverige
switzerland, schweiz, suisse, svizzera
taiwan
thailand
turkey, turkiye, turkei
ukraine
united arab emirates, uae
united kingdom, uk, great britain
united states, usa, us, united states of america
vietnam
"""
)
MAX_COUNTRY_WORDS = 4
