"""What words of job titles stand for, in the spelling of `plain_text`."""

from __future__ import annotations


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of `written, written: words it stands for`."""
    table: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        written, _, meaning = line.partition(":")
        table.update(dict.fromkeys(written.replace(",", " ").split(), tuple(meaning.split())))
    return table


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STANDS_FOR = _table(
    """
vp, vicepresident: vice president
svp: senior vice president
evp: executive vice president
avp: assistant vice president
pres, presidente, prasident, praesident: president
sr, snr: senior
jr, jnr: junior
ceo: chief executive officer
cto: chief technology officer
cfo: chief finance officer
coo: chief operation officer
cmo: chief marketing officer
cio: chief information officer
ciso: chief information security officer
cro: chief revenue officer
chro: chief human resource officer
cpo: chief product officer
cdo: chief data officer
cco: chief commercial officer
cso: chief strategy officer
clo: chief legal officer
cos: chief staff
gm: general manager
gen: general
md: managing director
mgr, mngr, mngmt, mgmt: manager
management: manager
dir, directeur, directrice, directora, direktor, direktorin, direttore, direttrice: director
dyrektor, diretor, diretora: director
asst, assist: assistant
assoc: associate
exec: executive
eng, engr, engg, engineering: engineer
ingenieur, ingenieurin: ingenieur
swe: software engineer
sre: site reliability engineer
dev, developer, development, entwicklung: develop
devs, developers: develop
admin, administrator, administration, administrative: admin
sysadmin: system admin
ops, opns, operational, operating, operations: operation
hr: human resource
hrbp: human resource business partner
it: information technology
pr: public relation
qa: quality assurance
qc: quality control
ux: user experience
ui: user interface
ai: artificial intelligence
ml: machine learning
bi: business intelligence
pmo: project manager office
ae: account executive
kam: key account manager
csm: customer success manager
sdr: sale develop rep
bdr: business develop rep
bdm: business develop manager
bd, bizdev: business develop
biz, bus: business
mech: mechanical
elec: electrical
infra: infrastructure
maint: maintenance
cx: customer experience
rep, representative: rep
mktg, mkt, mkting, mrktg: marketing
mfg, mfr, manuf: manufacturing
fin, financial, finances: finance
tech, technical, technological, technologies: technology
info: information
sys: system
svc, svcs: service
comms, comm, communication, communications: communication
corp: corporate
intl: international
natl: national
reg: regional
govt: government
gov: government
cust: customer
coord: coordinator
spec: specialist
supv, supvr, spvr, supr: supervisor
proj: project
projektmanager: project manager
produktmanager: product manager
scm: supply chain
gte: gerente
leitung: leiter
prog, programme, programmes: program
acct, acc: account
acctg: accounting
dept: department
grp: group
strat, strategic, strategies: strategy
leader: lead
purch: purchasing
proc: procurement
dist: distribution
rd: research develop
"""
)
"""One word and what it stands for. Where forms of a word do not change the job, they are one."""

JOINED = {
    ("co", "founder"): ("cofounder",),
    ("co", "founders"): ("cofounder",),
    ("co", "owner"): ("coowner",),
    ("front", "end"): ("frontend",),
    ("back", "end"): ("backend",),
    ("full", "stack"): ("fullstack",),
    ("pre", "sales"): ("presale",),
    ("after", "sales"): ("aftersale",),
    ("dev", "ops"): ("devops",),
    ("e", "commerce"): ("ecommerce",),
    ("r", "d"): ("research", "develop"),
    ("m", "a"): ("merger", "acquisition"),
    ("l", "d"): ("learning", "develop"),
    ("fp", "a"): ("finance", "planning", "analysis"),
    ("v", "p"): ("vice", "president"),
    ("vice", "presidente"): ("vice", "president"),
}
"""Two words next to each other that are one, or stand for others."""

FILLERS = _words(
    """
    of the and for to a an in at on with by de du des del dela della dell di do da dos das la le les el
    los las lo der die das dem den fur fuer von vom zum zur im und et y e en van voor het og och i w m f
    d x mwd div
    """
)
"""Words that change nothing, of the languages that titles are mostly written in."""

NUMERALS = {"2": "ii", "3": "iii", "4": "iv", "5": "v"}

RANKS = _words(
    """
    senior junior vice assistant associate deputy intern trainee apprentice executive chief principal
    staff former ex acting interim head lead manager director president officer supervisor student
    volunteer retired leiter assistent assistentin stellvertretender stellvertretende adjoint adjointe
    ii iii iv v
    """
)
"""Words that tell one job from another even where all others are the same."""

PLACES = _words(
    """
    emea apac dach latam anz europe european asia america americas africa germany deutschland france uk
    usa us global worldwide international north south east west northern southern eastern western
    central region regional national team department division group unit
    """
)
"""Words that often come and go on the same job; two different ones are two jobs."""

NEARLY_THE_SAME = {frozenset(("head", "lead")): 0.95}
"""How alike two words are, from 0 to 1, that titles exchange for each other."""
