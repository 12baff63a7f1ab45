"""What the name of a mailbox or of its domain tells without asking anyone."""

from __future__ import annotations

from disposable_email_domains import blocklist

_ROLE_MAILBOXES = """
abuse admin administrator ftp hostmaster info listserv mailerdaemon majordomo marketing news noc postmaster
root sales security support usenet uucp webmaster www
accounting accounts accountspayable billing booking bookings careers compliance contact contactus
customercare customerservice customersupport desk donotreply dpo enquiries enquiry events feedback finance
frontdesk gdpr hello help helpdesk hi hr humanresources inquiries inquiry invoice invoices invoicing it
itsupport jobs legal list mail media newsletter noreply office orders partners payments payroll pr press
privacy procurement purchasing reception recruiting recruitment registration reservations sysadmin team tech
techsupport welcome
bewerbung buchhaltung kontakt rechnung vertrieb
administracion contacto facturacion ventas
accueil commercial comptabilite compta facturation
amministrazione contatti vendite
comercial contato financeiro
"""
"""Mailboxes of a task, not of a person, without dots, hyphens and underscores.

First those that servers and standards name (RFC 2142 3 to 6 among them), then custom in English, German,
Spanish, French, Italian and Portuguese.
"""

_FREE = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com windowslive.com hotmail.co.uk
hotmail.fr hotmail.de hotmail.it hotmail.es hotmail.be hotmail.nl hotmail.se hotmail.com.br outlook.fr
outlook.de outlook.it outlook.es outlook.com.br outlook.jp live.co.uk live.fr live.de live.it live.nl
live.be live.ca live.com.au live.com.mx live.dk live.se live.no live.cn live.jp yahoo.com ymail.com
rocketmail.com myyahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.in yahoo.co.in
yahoo.co.jp yahoo.com.br yahoo.com.mx yahoo.com.ar yahoo.com.au yahoo.com.hk yahoo.com.sg yahoo.com.tw
yahoo.com.ph yahoo.com.vn yahoo.co.id yahoo.gr yahoo.pl yahoo.se yahoo.ie yahoo.be aol.com aim.com aol.co.uk
aol.de aol.fr verizon.net icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me
tutanota.com tutanota.de tuta.io tuta.com tutamail.com keemail.me hey.com fastmail.com fastmail.fm
hushmail.com mailfence.com posteo.de posteo.net runbox.com startmail.com disroot.org riseup.net gmx.de
gmx.net gmx.com gmx.at gmx.ch gmx.fr gmx.us gmx.co.uk web.de email.de freenet.de t-online.de arcor.de
online.de 1und1.de mail.de vodafone.de mail.com email.com usa.com post.com europe.com engineer.com
consultant.com dr.com lycos.com inbox.com excite.com mail2world.com zoho.com zohomail.com zohomail.eu
yandex.com yandex.ru ya.ru yandex.by yandex.kz yandex.ua mail.ru bk.ru inbox.ru list.ru internet.ru
rambler.ru lenta.ru ukr.net i.ua meta.ua orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr
numericable.fr libero.it virgilio.it alice.it tin.it tiscali.it inwind.it iol.it email.it wp.pl o2.pl
onet.pl interia.pl op.pl tlen.pl gazeta.pl seznam.cz email.cz centrum.cz atlas.cz azet.sk bluewin.ch
hispeed.ch telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl telia.com spray.se
online.no abv.bg freemail.hu citromail.hu walla.co.il walla.com sapo.pt telefonica.net terra.es ya.com
uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br prodigy.net.mx qq.com
foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com tom.com naver.com
hanmail.net daum.net nate.com kakao.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp
nifty.com biglobe.ne.jp rediffmail.com indiatimes.com comcast.net xfinity.com att.net sbcglobal.net
bellsouth.net charter.net cox.net earthlink.net optonline.net juno.com netzero.net frontier.com
windstream.net rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca btinternet.com
virginmedia.com sky.com talktalk.net ntlworld.com blueyonder.co.uk bigpond.com bigpond.net.au
optusnet.com.au iinet.net.au xtra.co.nz
"""

_FREE_DOMAINS = frozenset(_FREE.split())
"""Domains where anybody can have a mailbox, free or with their line: mail providers, not employers."""

_ROLES = frozenset(_ROLE_MAILBOXES.split())
_DISPOSABLE_DOMAINS: frozenset[str] = frozenset(blocklist)
_SEPARATORS = str.maketrans("", "", ".-_")


def is_role_account(local_part: str) -> bool:
    """Whether the mailbox is a task's (RFC 2142 and custom); a plus tag and separators do not count."""
    return local_part.partition("+")[0].translate(_SEPARATORS) in _ROLES


def is_disposable(domain: str) -> bool:
    """Whether the domain, or one that it is below, hands out mailboxes that are thrown away after use."""
    while "." in domain:
        if domain in _DISPOSABLE_DOMAINS:
            return True
        domain = domain.partition(".")[2]
    return False


def is_free(domain: str) -> bool:
    """Whether anybody can have a mailbox at the domain, so that it says nothing of a company."""
    return domain in _FREE_DOMAINS
