"""What mail hosts mean by their words: families of phrases, in the languages and fashions they come in.

A family is a list of regular expressions over a reply in lower case, without addresses and links.
"""

from __future__ import annotations

import re

import msgspec

_SEPARATORS = re.compile(r"[\s_]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_ADDRESS = re.compile(r"<[^<>\s]*>|\S+@\S+|\b(?:from|to|proto|helo)=\S*")
_HOST_IN_BRACKETS = re.compile(r"\[[^\[\]\s]+\.[^\[\]]*\]")


class Words(msgspec.Struct, frozen=True):
    """A reply's words: what is said without addresses, links and hosts in brackets, and these two apart."""

    said: str
    links: str


def words_of(text: str) -> Words:
    """Takes a reply apart, so that a phrase in an address or a link does not count as said."""
    lowered = text.lower().replace("’", "'").replace("=20", " ")
    links = " ".join(_LINK.findall(lowered) + _HOST_IN_BRACKETS.findall(lowered))
    said = _ADDRESS.sub(" ", _HOST_IN_BRACKETS.sub(" ", _LINK.sub(" ", lowered)))
    return Words(_SEPARATORS.sub(" ", said).strip(), links)


def _family(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases))


_US = (
    r"(?:ip|ip address|client|client host|host|server|mta|network|connection|sending (?:ip|mta|host|server))"
)
_BOX = (
    r"(?:mail ?box|mail drop|e-?mail account|user account|account|user(?: ?(?:name|id))?"
    r"|recipients?|addressee"
    r"|alias"
    r"|(?:e-?mail |destination |recipient |recipient's |this )?address(?:es)?|person|customer|member|inbox)"
)
_NOT_OURS = (
    r"(?!(?:from|sender|ip|client|source|return|reply|reverse|domain|host|message|header|your|password)\b)"
)
"""Before a word that must not make an address the caller's own."""

BLOCKLIST = _family(
    r"spam ?haus",
    r"spam ?cop",
    r"\bsorbs\b",
    r"barracuda ?central",
    r"abuseat",
    r"uceprotect",
    r"mailspike",
    r"invaluement",
    r"senderscore",
    r"sender\.office\.com",
    r"\b[a-z]*dnsbl",
    r"\brbl\b",
    r"\bdnsrbl",
    r"block ?list",
    r"black-? ?list",
    r"deny ?list",
    r"ipcheck\.",
    r"ip-?lookup",
)
"""Lists of unwanted callers, also where only a link names one."""

REFUSES_US = _family(
    rf"(?:blocked|banned|black ?listed|refused|rejected|denied|deferred|listed"
    rf"|prohibited)[^.:]{{0,40}}\b{_US}\b",
    rf"\b{_US}\b[^.]{{0,60}}\b(?:is |was |has been |are )?"
    r"(?:blocked|banned|black ?listed|refused|rejected|denied|not (?:allowed|accepted|permitted|welcome)"
    r"|listed)",
    r"\bblocked (?:using|by)\b",
    r"\bip\s?=",
    r"\bip (?:name )?(?:lookup|frequency)",
    r"reputation",
    r"\brev(?:erse)? ?-?(?:dns|ptr|lookup|name|mapping|resolution|address|hostname)",
    r"\brdns\b",
    r"\bptr\b",
    r"cannot (?:find|resolve) your (?:host ?name|ip|reverse)",
    r"(?:find|resolve|verify) (?:your )?(?:reverse )?host ?name",
    r"dynamic(?:ally)? (?:assigned )?(?:ip|address|host|pool|range)|residential (?:ip|address)",
    r"may not be mail exchanger",
    r"\b(?:helo|ehlo)\b",
    r"invalid domain name",
    r"(?:unfortunately, )?messages from .{0,60}(?:weren't sent|not sent|rejected|blocked|deferred)",
    r"(?:traffic|connections?|mail|messages?|e-?mails?) (?:are |is |was )?(?:not accepted|refused"
    r"|rejected) from",
    r"not accept(?:ing|ed)? (?:any )?(?:mail|messages?|connections?|e-?mails?) from",
    r"all messages from",
    r"\byour (?:access|ip|host|(?:mail )?server|network|domain|isp|connection"
    r"|(?:e-?mail )?address(?! book))\b",
    r"\byour account|\bfrom your\b|\b(?:sending|sender) account|account of (?:the )?sender|outgoing|outbound"
    r"|connection (?:closed|refused|rejected|dropped)",
    r"\byou are not\b|\bunknown (?:client|poster|caller)\b",
    r"\b(?:client|sending|connecting) (?:host|ip|server|machine)[^.]{0,30}(?:unknown|not found|invalid)",
    r"access (?:from|to this mail system)",
    r"\bspf\b|sender policy framework",
    r"\bdkim\b",
    r"\bdmarc\b",
    r"unauthenticated|authentication[- ](?:checks?|results?|fail|information)"
    r"|fails? (?:to pass )?authentication",
    r"envelope[- ]?(?:sender|from)",
    r"\bsender\b[^.,;:]{0,60}(?:reject|refus|denied|block|verif|verify|invalid|not exist|not found|unknown"
    r"|banned|suspended|disabled"
    r"|callback|fail|not (?:allowed|authori[sz]ed|permitted|accepted))",
    r"(?:invalid|unknown|unresolvable|bad|forged|banned|blocked|rejected|valid|unverified)"
    r" (?:outbound |envelope )?sender",
    r"domain of (?:the )?sender",
    r"sender (?:e-?mail )?(?:address|domain|id)",
    r"(?<!recipient )(?:verif\w+|call-?out|call-?back) (?:verif\w+ )?fail(?!.*recipient)",
    r"mail from (?:must|address|domain|command|is|rejected|denied)",
    r"(?:return|reverse)[- ]path",
    r"badmailfrom",
    r"relay(?:ing)? (?:ip|host) ",
    r"recipient preferences",
    r"\byou're not (?:allowed|authori[sz]ed|permitted|welcome)",
    r"absender|exp[ée]diteur|remitente|remetente|mittente|afzender|nadawc|avs[äa]ndar|отправител"
    r"|发[件信]人|寄件人|送信者|送信元|보낸|보내는|발신",
    r"\bip[- ]?(?:adress|adres|адрес|地址|アドレス)|(?:adresse|direcci[oó]n|endere[çc]o|indirizzo) ip\b",
    r"\b(?:ihr(?:e|er)?|votre|su|seu|sua|vostro|uw|ваша?) (?:ip|host|server|servidor|serveur|сервер|dom[aä]in"
    r"|konto|compte|cuenta|conta|account|уч[её]тная)",
    r"[您你]的 ?(?:ip|域名|服务器)|拒绝(?:连接|访问)",
)
"""It does not speak of the recipient but of the caller: its address, its name, its sender, its proofs."""

RATE = _family(
    r"too (?:many|much|fast|quick|often|frequent)",
    r"(?:rate|frequency|connection|connections|concurrent|concurrency|message|messages|sending|hourly|daily"
    r"|volume)"
    r"(?! \w+ exceeds? (?:the )?(?:\w+ )?quota)[- ](?:\w+ ){0,2}?(?:limit|throttl|exceed|quota)",
    r"limit(?:s|ed)? (?:on|for|of) (?:the )?(?:number|connections?|messages?|concurrent|rate)",
    r"(?:exceed(?:ed|s)?|reached|over)[^.]{0,40}(?:limit|number)[^.]{0,40}(?:connection|recipient|message"
    r"|hour|day)",
    r"throttl",
    r"frequency limited",
    r"at a rate that",
    r"receiving mail (?:at|too)",
    r"unusual (?:rate|volume|traffic)|unexpected volume",
    r"rate (?:of|exceeded)",
    r"slow down",
    r"sent to too many",
    r"connection (?:limit|rate)",
    r"max(?:imum)?(?: number of)? (?:connections?|recipients|messages)",
    r"out of allow(?:ed)? rcpt",
    r"max(?:imum)?(?: number of)? (?:\w+ )?(?:recipients|users)",
    r"(?:unknown|invalid|bad|failed) (?:users?|recipients?) (?:limit|count|exceed)",
    r"zu viele|trop de|demasiad|troppi|muit[oa]s (?:mensag|conex|destinat)|te veel|zbyt (?:wiele|du[żz]o)"
    r"|слишком (?:много|част)|过多|过于频繁|频率|多すぎ",
)
"""We ask too much at once."""

GREYLIST = _family(r"gr[ea]y[- ]?list", r"\bgl[- ]?(?:delay|ist)", r"postgrey", r"first[- ]time sender")
"""It wants to see whether we come back."""

COME_LATER = _family(
    r"(?:try|come|send|retry|call)(?: it| your (?:mail|message))?(?: back)? (?:again )?(?:later|in|after"
    r"|shortly|soon)",
    r"(?:try|come) (?:back|again)",
    r"later[,.]? please|please,? (?:retry|wait)",
    r"retry (?:later|after|in|again|your)",
    r"temporar(?:y|ily) (?:rejected|deferred|delayed|refused|unavailable|blocked|block)",
    r"deferred|deferring|delayed",
    r"internal resource",
    r"r[ée]essayer|plus tard|spater|später|m[aá]s tarde|pi[uù] tardi|mais tarde",
)
"""It asks for another try without saying why, as greylisting hosts do."""

FULL = _family(
    rf"\b{_BOX}(?:'s)?\b[^.]{{0,40}}\b(?:is |are )?(?:(?:almost |too )?full|over ?filled)\b",
    r"\b(?:mail ?box|inbox|folder|mail ?folder|storage|mail ?store|disk quota) (?:is )?full\b",
    r"\bfull (?:mail ?box|inbox)",
    r"over (?:the |his |their |its )?(?:disk |mail ?box |storage |allowed |allocated )?quota|over ?quota",
    r"quota (?:has been |is |was |limit )?(?:exceeded|exhausted|full|reached|violation|over)",
    r"exceed(?:s|ed|ing)? (?:the |his |her |its |their |mail ?box |storage |disk |maximum |allowed )*"
    r"(?:quota|storage|disk space|mail ?box size|size limit for this mail ?box|space)",
    r"(?:mail ?box|account|user|recipient)[^.]{0,40}(?:exceed|out of|insufficient|not enough|no)[^.]{0,20}"
    r"(?:quota|storage|space|size)",
    r"(?<!server is )(?<!system is )(?<!server )(?:out of (?:disk |storage )?space|out of storage)",
    r"not enough (?:disk |storage )?space|insufficient (?:mail ?box|disk) ?(?:space|storage|quota)",
    r"exceeded storage allocation",
    r"storedrv[^ ]*; ?.*quota",
    r"(?:bo[iî]te|postfach|buz[oó]n|casella|caixa|skrzynka|postbus)\b[^.]{0,40}"
    r"\b(?:pleine|voll|überfüllt|lleno|llena|piena|cheia|pełna|vol)\b|quota d[ée]pass[ée]|speicherplatz",
    r"(?:quota|cuota|cota)\b[^.]{0,20}(?:excedid|superad|esgotad|überschritten|overschreden|przekroczon)",
    r"переполнен|превышен[аы]? квот|квота[^.]{0,20}превышен",
    r"(?:邮箱|信箱|空间|容量)(?:已满|已滿|不足)|超[出过].{0,4}(?:容量|配额|配額)",
    r"メールボックス.{0,8}(?:満|いっぱい|容量)|容量.{0,4}(?:超過|オーバー)",
)
"""The mailbox is there and has no room."""

DISABLED = _family(
    rf"\b{_BOX}\b[^.]{{0,50}}\b(?<!not )(?:disabled|inactive|suspended|de-?activated|discontinued|closed"
    rf"|expired"
    r"|terminated|locked|frozen|dormant|cancell?ed|de-?provisioned|retired|archived)\b",
    rf"\b(?:disabled|inactive|suspended|de-?activated|expired|closed|terminated|locked) (?:\w+ )?{_BOX}\b",
    rf"\b{_BOX} (?:has been|have been|was|is) (?:\w+ )?(?:removed|deleted|gone|obsolete|erased)\b",
    r"deleted mail ?box",
    r"blocked due to inactivity|due to (?:extended |prolonged )?inactivity",
    rf"\b{_BOX}\b[^.]{{0,40}}\bnot (?:active|activated|enabled)\b",
    rf"\b{_BOX}\b[^.]{{0,40}}\b(?:no longer|not) (?:accept(?:s|ing)?|receiv(?:e|es|ing)) (?:any |new )?"
    r"(?:mail|e-?mails?|messages?)(?! (?:from|at this time|now))",
    r"(?:compte|bo[iî]te|adresse|utilisateur)[^.]{0,30}(?:d[ée]sactiv|suspendu|ferm[ée]|supprim[ée]|inactif)",
    r"(?:konto|postfach|mailbox|benutzer|adresse)[^.]{0,30}"
    r"(?:gesperrt|deaktiviert|geschlossen|gelöscht|abgeschaltet|stillgelegt)",
    r"(?:cuenta|buz[oó]n|usuario)[^.]{0,30}(?:desactivad|suspendid|des?habilitad|cancelad|cerrad|inactiv)",
    r"(?:casella|account|utente)[^.]{0,30}(?:disattivat|disabilitat|sospes|chius)",
    r"(?:conta|caixa|usu[aá]rio)[^.]{0,30}(?:desativad|suspens|inativ|encerrad|cancelad|bloquead)",
    r"(?:ящик|уч[её]тная запись|аккаунт|пользователь)[^.]{0,30}(?:заблокирован|отключ[её]н|закрыт|удал[её]н)",
    r"(?:用户|账号|帐号|账户|邮箱|信箱)[^.]{0,4}(?:停用|禁用|冻结|注销|锁定|关闭|被封)",
    r"アカウント.{0,8}(?:停止|無効|削除)",
)
"""The mailbox was there and takes nothing any more."""

MOVED = _family(
    rf"\b(?:{_BOX}|user|he|she|they)\b[^.]{{0,30}}\bmoved\b",
    r"no forwarding address",
    r"no longer (?:on (?:this )?server|here|valid|in use|exists?|employed|works?|with (?:us|the|this)"
    r"|a valid|available"
    r"|at this|used|monitored|associated|uses|in service|has an|has a)",
    r"(?:left|not with) (?:the |this )(?:company|organi[sz]ation)",
    r"address (?:has )?changed|changed (?:their|his|her) address|new (?:e-?mail )?address is",
    r"a d[ée]m[ée]nag[ée]|nicht mehr (?:gültig|beschäftigt|erreichbar)|ya no (?:existe|trabaja|es v)",
)
"""The person has another address now, or none here."""

NO_MAILBOX = _family(
    rf"\b(?:unknown|no such|no|invalid|non-?existent|nonexisting|bad|illegal|unrecogni[sz]ed|undeliverable"
    rf"|wrong"
    rf"|incorrect|not a (?:known|local"
    rf"|valid))(?: or \w+)? (?:{_NOT_OURS}\w+ ){{0,3}}?{_BOX}\b(?! of (?:the )?sender| sender"
    r"| (?:agent|database|lookup|limit|rate|frequency|count|name or))",
    r"(?:user|recipient|address|mail ?box) (?:is |was )?not in (?:our |the |any )?(?:recipient|directory"
    r"|ldap|list)"
    r"|rejected by (?:the )?directory",
    rf"\b{_BOX}s?(?: \w+)?[:,;]? ?(?:is |was |are |were |name is |address is )?(?:listed as |marked as )?"
    r"(?:an? )?(?:unknown|invalid|non-?existent|not (?:a )?(?:known|found|exists?|valid|recogni[sz]ed"
    r"|listed|local"
    r"|here|registered|defined|existing|deliverable)|un-?recogni[sz]ed|undeliverable|unroutable"
    r"|unrouteable)\b",
    rf"\b(?:{_BOX}|user|they)\b[^.;]{{0,80}}\b(?:(?:does|did|do|could|is|was) ?(?:not|n't)|can(?:not|'t| not)"
    r"(?: be)?|couldn't be)"
    r" (?:be )?(?:exist|found|find|recogni[sz]ed|known|located|registered|listed|resolved)",
    r"(?:does|do)(?: not|n't) exist (?:here|at|on|in)|no one (?:with|by) that|no mail ?box (?:here|by)",
    r"(?:doesn't|does not) have (?:a|an) (?:\S+ )?(?:\w+ )?(?:account|mail ?box|address)",
    r"(?:doesn't|does not) (?:handle|accept) (?:e-?mail|mail|messages?) for that",
    r"couldn't find (?:any|the|a) (?:user|recipient|mail ?box)|no matches to name",
    r"user ?unknown|unknown ?user(?! agent)|user ?not ?found|user doesn't",
    r"no ?such ?(?:user|mail|recipient|person|account)",
    r"recip(?:ient)?notfound|recipient not found|adr\.recip",
    r"unroute?able (?:address|recipient|mail)",
    r"not (?:our|a|my) (?:\w+ )?customer",
    r"(?:e-?mail |recipient )?address (?:is |was )?(?:not found|could not be found)",
    r"not a (?:known|valid) (?:e-?mail )?(?:address|user|recipient|mail ?box)",
    r"not listed in (?:the )?(?:directory|domino|public)",
    r"(?:can't|cannot|can not|unable to) (?:find|locate|verify|resolve) (?:the )?(?:user|recipient"
    r"|mail ?box|account"
    r"|address)",
    r"unknown (?:local ?-?part|address|destination|recipient|account|mail ?box|alias|or illegal)",
    r"invalid (?:local ?-?part|recipients?|mail ?box|destination|e-?mail recipients?)"
    r"(?! (?:freq|rate|limit|count))",
    r"utilisateur (?:inconnu|inexistant|introuvable)|destinataires? (?:inconnu|invalide|inexistant)",
    r"adresse[^.]{0,40}(?:inconnue|invalide|inexistante)|n'existe pas|destinataire invalide",
    r"(?:empf[äa]e?nger|benutzer|adresse|postfach|teilnehmer)[^.]{0,30}(?:unbekannt|existiert nicht"
    r"|nicht gefunden"
    r"|ung[üu]ltig|nicht vorhanden|nicht bekannt)|unbekannter? (?:empf|benutzer|adresse|teiln)"
    r"|existiert nicht",
    r"usuario (?:desconocido|inexistente|no encontrado|no v[aá]lido)|(?:cuenta|direcci[oó]n"
    r"|buz[oó]n)[^.]{0,25}"
    r"(?:desconocid|inexistente|no existe|no v[aá]lid)|no existe",
    r"(?:utente|destinatario|indirizzo|casella|account)[^.]{0,25}(?:sconosciut|inesistente|non esiste"
    r"|non trovat"
    r"|non valid|errato)",
    r"(?:usu[aá]rio|destinat[aá]rio|conta|caixa)[^.]{0,25}(?:desconhecid|inexistente|n[aã]o existe"
    r"|n[aã]o encontrad"
    r"|inv[aá]lid)",
    r"compte inexistant|l'adresse n'est pas valide|utilizador (?:inexistente|desconhecido)"
    r"|kein(?:e[nr]?)? (?:solche[nrs]? )?(?:benutzer|empf|postfach|konto|adresse)",
    r"destinatario desconocid|destinat[aá]rio[^.]{0,20}n[aã]o (?:existe|encontrad)",
    r"onbekende? (?:gebruiker|ontvanger)|(?:gebruiker|ontvanger|adres)[^.]{0,20}(?:onbekend|niet gevonden)"
    r"|bestaat niet",
    r"nie istnieje|nie ma takiego|nieznany (?:odbiorca|u[żz]ytkownik|adres)"
    r"|(?:odbiorca|u[żz]ytkownik|adres) (?:jest )?nieznany",
    r"(?:ok[aä]nd|ukendt|ukjent) (?:mottagare|användare|modtager|bruger|mottaker|bruker)|finnes ikke"
    r"|findes ikke|tuntematon (?:käyttäjä|vastaanottaja)",
    r"kullan[ıi]c[ıi] (?:bulunamad[ıi]|yok)|존재하지 않|(?:사용자|수신자)(?:가|를)? ?(?:없|찾을)",
    r"(?:用户|收件人|邮箱|信箱|帐号|账号|帳號|使用者|地址)不存在|找不到|[查无無没沒]此(?:用户|收件人|邮箱|使用者|账号)"
    r"|宛先.{0,6}(?:不明|存在しない)|存在しません|ユーザーはいません|見つかりません",
    r"неизвест|не существует|не найден|нет такого|не зарегистрирован",
)
"""There is no such mailbox."""

UNAVAILABLE_MAILBOX = _family(r"mail ?box (?:is )?(?:unavailable|not available)")
"""What RFC 5321 has hosts say, of whatever keeps them from a mailbox."""

MAYBE_NO_MAILBOX = _family(
    UNAVAILABLE_MAILBOX.pattern,
    r"(?:recipient |rcpt |e-?mail |to )?address (?:is )?(?:was )?(?:rejected|refused|not accepted)\W*(?:see"
    r"|for|$)",
    r"(?:all )?recipients? (?:address(?:es)? )?(?:were |was |is )?(?:rejected|refused"
    r"|not accepted)\W*(?:see|for|$)",
    r"mail ?box name not allowed|mail ?box name invalid",
    r"no valid recipients?",
    r"(?:is|are) not (?:a )?deliverable",
)
"""What hosts say of a mailbox that is not there, but also when they refuse by a rule."""

NO_DOMAIN = _family(
    r"(?:host|domain|server|system|site|we|machine)(?: name)? (?:does not|doesn't|do not|don't|no longer)"
    r" (?:accept|receive|handle)s? (?:any |e-?)?(?:mail|messages?|email)(?! from)",
    r"host (?:or domain name )?(?:is )?(?:unknown|not found)|host ?unknown|unknown host|hostname not found",
    r"(?:invalid|unknown|non-?existent|unroute?able|bad) (?:recipient |destination |mail )?domain\b(?! name)",
    r"(?:recipient |destination )?domain (?:name )?(?:is |was )?(?:not found|unknown|invalid|does not exist"
    r"|doesn't exist"
    r"|not (?:exist|hosted|local|served))",
    r"(?:do|does)(?: not|n't) host\b|\bdomain\b.{0,80}\bnot hosted|not hosted (?:here|by us|on this)",
    r"no such (?:domain|host)|null ?mx",
    r"bad destination (?:system|host)",
)
"""The host takes no mail for the whole domain."""

RELAY = _family(
    r"relay(?:ing)?\b[^.]{0,50}(?:denied|prohibit|not (?:permitted|allowed|configured)|disallow|reject"
    r"|refus|forbidden)",
    r"(?:unable|not (?:configured|permitted|allowed)|no(?:t)?|cannot|can't|denies|won't"
    r"|refus\w+) (?:to )?relay",
    r"rcpt ?hosts|not (?:a )?local domain|we do(?: not|n't) relay|not (?:an )?open relay",
)
"""It says that it is not where the domain's mail goes, or wants a login for that."""

POLICY = _family(
    r"polic(?:y|ies)",
    r"\bspam|\bube\b|\buce\b|junk|phish|virus|malware",
    r"content|attachment|header|subject|message (?:size|too|body)|rfc ?[25]?[38]22",
    r"access (?:is |was )?denied|permission|not (?:allowed|authori[sz]ed|permitted)|prohibit|forbidden"
    r"|restricted",
    r"authenticat|auth ?required|\bauth\b|log ?in|must issue|starttls|\btls\b|encrypt",
    r"administrat|security|suspicious|filter|protect|moderat|approved|white-? ?list|allow-? ?list",
    r"loop|too many hops|hop count",
    r"\bblocked\b|\bbanned\b",
)
"""It refuses by a rule, and tells nothing of the mailbox."""

RESTRICTS = _family(r"\bcontent\b|\bspam|polic(?:y|ies)\b|restrict|filter|virus|malware|prohibit")
"""It refuses by a rule beyond doubt, whatever its codes say."""

LOGIN = _family(r"\bpasswords?\b|\bcredentials\b|\blog ?in\b|authentication failed")
"""It takes us for one of its own users."""

TEMPORARY = _family(
    r"temporar|transient|try (?:again|later)|system error|out of memory|resources|overload|busy"
    r"|time[d -]*out|expired"
)
"""It failed, and may not fail next time."""

SOON = _family(
    r"temporar|transient",
    r"(?:again|retry|back) (?:later|soon|shortly)|later time|(?:again|retry) in (?:a few|some|\d)",
    r"vor[üu]bergehend|temporaire|temporal|plus tard|m[aá]s tarde|mais tarde|pi[uù] tardi|später"
    r"|временно|позже|稍后|稍後|後で",
)
"""It says in plain words that it will be different later."""
