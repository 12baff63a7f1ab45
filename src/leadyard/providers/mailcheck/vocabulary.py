"""The words that may be kept of a mail host's reply: those of its trade, and no one's name."""

from __future__ import annotations

_WORDS = """
a about accept accepted accepting accepts access account accounts action active added address addresses
administrative administrator again all allocation allowed already an and any are as at attempt authenticated
authentication authorized auth bad banned be because been blacklist blacklisted blocked blocklist
blocked-using bounce busy but by can cannot can't certain check checking client closed closing code come
command commands complaints complete concurrent configured connect connected connection connections contact
content contacted correct could couldn't customer daily data database defer deferred delayed delivered
delivery denied destination details deactivated disabled disallowed discontinued disk dkim dmarc dns does
doesn't domain domains due dynamic e-mail ehlo email emails empty enough enabled envelope error errors esmtp
exceed exceeded exceeds exist existing exists expired failed failure fix for forbidden forward forwarding
found frequency frequently from full further go good greylist greylisted greylisting graylisted group handle
has have header helo help here high host hosted hostname hour hours if illegal in inactive inactivity inbox
incorrect information insufficient internal invalid ip is isn't it its junk known later learn limit limited
limits list listed lists local locked login long longer look lookup low mail mailbox mailboxes many maximum
message messages minute minutes missing moment more moved must name need network new next no
non-existent not now null number of off ok on one only open or organization our out over over-quota
parameter parameters password per permanent permanently permission permitted please policies policy poor
possible postmaster prevents problem prohibited protection protocol proper ptr queue quickly quota rate
reach reached read reason receive received receives receiving recipient recipients recipient's record
records refused register registered reject rejected rejecting relay relaying remote removal removed
reputation request requested requires resources response restricted restriction retry reverse routing rule
rules rset seconds security see send sender senders sending sent sequence server service session shutting
size smtp smtputf8 sorry space spam spamhaus spf spoofing starttls status storage store support suspended
suspicious syntax system table taken tells temporarily temporary than that the their there this time timed
timeout tls to too transaction tried try trying type typos unable unauthenticated unavailable undeliverable
unexpected unknown unrecognized unroutable unrouteable unsupported unsolicited until unusual usage user
users user's using valid verification verified verify via virtual virus visit volume wait warning was we were
while with without would yet you your barracuda google mimecast outlook proofpoint spamcop yahoo
adresse benutzer boîte compte desconocido destinataire empfänger existe existiert inconnu inconnue
inexistant inexistente invalide n'existe nicht não pas pleine sconosciuto unbekannt unbekannter usuario
utente utilisateur voll zen.spamhaus.org bl.spamcop.net b.barracudacentral.org cbl.abuseat.org
"""

WORDS = frozenset(_WORDS.split())
