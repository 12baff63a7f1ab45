"""What columns are called in files of leads: exports of well-known programs, and nine languages.

They are compared as `header_key` of domain/import_columns.py makes them. The names of a field stand in the
order in which they are preferred: of a work and a private e-mail, the work one.
"""

from __future__ import annotations

from enum import StrEnum


class ImportField(StrEnum):
    """What a column of a file can be. The first five are what leads are known by; the others ride along."""

    EMAIL = "email"
    LINKEDIN_URL = "linkedin_url"
    TITLE = "title"
    COMPANY_NAME = "company_name"
    COMPANY_DOMAIN = "company_domain"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    PHONE = "phone"
    LOCATION = "location"
    INDUSTRY = "industry"


NAMES: dict[ImportField, tuple[str, ...]] = {
    ImportField.EMAIL: (
        *("work email", "business email", "corporate email", "company email", "professional email"),
        *("email work", "email business", "person email work", "work e mail", "business e mail"),
        *("email", "e mail", "email address", "e mail address", "mail", "mail address", "email id", "emails"),
        *("email 1", "e mail 1", "email 1 value", "e mail 1 value", "email1", "primary email", "main email"),
        *("email primary", "person email", "contact email", "lead email", "owner email", "user email"),
        *("email addresses", "recipient", "hs email", "e mail adresse", "e mailadresse"),
        *("geschaftliche e mail", "e mail geschaftlich", "emailadresse", "mailadresse"),
        *("adresse e mail", "adresse email", "adresse mail", "courriel", "adresse electronique", "mel"),
        *("email professionnel", "e mail professionnel", "email pro", "mail pro", "courriel professionnel"),
        *("correo", "correo electronico", "direccion de correo", "direccion de correo electronico"),
        *("email corporativo", "e mail corporativo", "correo corporativo", "correo de trabajo"),
        *("posta elettronica", "indirizzo email", "indirizzo e mail", "email aziendale", "email di lavoro"),
        *("endereco de email", "endereco de e mail", "correio eletronico", "email comercial"),
        *("e mailadres", "emailadres", "zakelijk e mailadres", "mailadres"),
        *("e post", "epost", "e postadress", "epostadress", "e postadresse", "sahkoposti"),
        *("adres e mail", "adres email", "eposta", "e posta", "e posta adresi"),
        *("электронная почта", "почта", "адрес электронной почты", "имейл", "メール", "メールアドレス"),
        *("邮箱", "电子邮件", "电子邮箱", "邮件", "이메일", "البريد الالكتروني", "דואל"),
        *("personal email", "private email", "email personal", "email private", "home email", "email 2"),
        *("secondary email", "other email", "alternate email"),
    ),
    ImportField.LINKEDIN_URL: (
        *("linkedin url", "linkedin", "linkedin profile", "linkedin profile url", "linkedin link"),
        *("person linkedin url", "person linkedin", "contact linkedin url", "contact linkedin"),
        *("linkedin contact profile url", "contact linkedin profile url", "linkedin member url"),
        *("linkedin public profile url", "linkedin public url", "public profile url", "linkedin address"),
        *("linkedin page", "linkedin account", "linkedin handle", "linkedin bio", "li url", "li profile"),
        *("hs linkedin url", "linkedin url c", "default profile url", "profile url", "profile link"),
        *("default linkedin url", "linkedin in profile url", "linkedin profile page"),
        *("sales navigator url", "sales nav url", "sales navigator profile url", "vmid", "person url"),
        *("linkedin profil", "profil linkedin", "url linkedin", "lien linkedin", "lien profil linkedin"),
        *("perfil de linkedin", "perfil linkedin", "enlace linkedin", "link linkedin", "profilo linkedin"),
        *("linkedin profiel", "領英", "领英", "profile", "social", "url"),
    ),
    ImportField.TITLE: (
        *("job title", "title", "position", "jobtitle", "current title", "current position", "role"),
        *("job role", "job position", "current job title", "contact title", "person title", "position title"),
        *(
            "title at company",
            "organization 1 title",
            "organization title",
            "designation",
            "job",
            "occupation",
        ),
        *("berufsbezeichnung", "stellenbezeichnung", "jobtitel", "rolle", "funktion", "beruf", "stelle"),
        *("poste", "intitule du poste", "titre du poste", "fonction", "titre", "metier"),
        *("cargo", "puesto", "titulo", "puesto de trabajo", "funcion", "posicion", "titulo do cargo"),
        *("ruolo", "qualifica", "posizione", "mansione", "titolo", "profissao", "funcao"),
        *("functie", "functietitel", "titel", "rol", "befattning", "stilling", "tittel", "roll"),
        *("tehtavanimike", "titteli", "stanowisko", "tytul", "unvan", "pozisyon", "gorev"),
        *("должность", "позиция", "役職", "職種", "职位", "职务", "직책", "직함", "headline"),
    ),
    ImportField.COMPANY_NAME: (
        *("company name", "company", "current company", "current company name", "account name", "account"),
        *("organization", "organisation", "organization name", "organisation name", "employer"),
        *("account account name", "associated company", "primary associated company", "company account"),
        *("company name for emails", "business name", "business", "organization 1 name", "firm", "client"),
        *("employer name", "customer", "person organization", "workplace", "companyname", "accountname"),
        *("firma", "firmenname", "unternehmen", "unternehmensname", "arbeitgeber", "kunde", "betrieb"),
        *("entreprise", "nom de l entreprise", "nom entreprise", "societe", "nom de la societe"),
        *("nom societe", "raison sociale", "employeur", "compte"),
        *("empresa", "nombre de la empresa", "nombre empresa", "compania", "organizacion", "cuenta"),
        *("nome da empresa", "nome empresa", "organizacao", "razao social", "razon social"),
        *("azienda", "nome azienda", "societa", "ragione sociale", "impresa", "nome dell azienda"),
        *("bedrijf", "bedrijfsnaam", "organisatie", "werkgever", "foretag", "foretagsnamn", "virksomhed"),
        *("virksomhedsnavn", "bedrift", "selskap", "yritys", "yrityksen nimi", "nazwa firmy"),
        *("sirket", "sirket adi", "firma adi", "компания", "организация", "название компании"),
        *("会社", "会社名", "企業名", "公司", "公司名称", "企业", "회사", "회사명"),
    ),
    ImportField.COMPANY_DOMAIN: (
        *("company domain", "company domain name", "domain", "domain name", "email domain", "website domain"),
        *("primary domain", "account domain", "organization domain", "organisation domain", "web domain"),
        *("company website", "website", "company url", "company site", "company web site", "web site"),
        *("company website url", "account website", "organization website", "website url", "homepage"),
        *(
            "company homepage",
            "corporate website",
            "web",
            "web page",
            "site",
            "www",
            "company website domain",
        ),
        *("domane", "domain der firma", "webseite", "internetseite", "internet", "unternehmenswebsite"),
        *("domaine", "domaine de l entreprise", "site web", "site internet", "site de l entreprise"),
        *("dominio", "dominio de la empresa", "sitio web", "pagina web", "sitio", "sito", "sito web"),
        *("dominio azienda", "dominio da empresa", "pagina da empresa", "domein", "bedrijfsdomein"),
        *("webbplats", "hjemmeside", "nettside", "kotisivu", "strona www", "strona internetowa", "domena"),
        *(
            "web sitesi",
            "сайт",
            "домен",
            "ドメイン",
            "ウェブサイト",
            "域名",
            "网站",
            "网址",
            "도메인",
            "웹사이트",
        ),
    ),
    ImportField.FIRST_NAME: (
        *("first name", "firstname", "given name", "givenname", "forename", "fname", "first"),
        *("contact first name", "person first name", "christian name", "lead first name"),
        *("vorname", "prenom", "nombre", "nombre de pila", "primer nombre", "nome", "primeiro nome"),
        *("voornaam", "fornamn", "fornavn", "etunimi", "imie", "ad", "isim", "adi", "имя"),
        *("名", "名前", "이름"),
    ),
    ImportField.LAST_NAME: (
        *("last name", "lastname", "surname", "family name", "familyname", "lname", "last"),
        *("contact last name", "person last name", "second name", "lead last name"),
        *("nachname", "familienname", "zuname", "nom", "nom de famille"),
        *("apellido", "apellidos", "cognome", "sobrenome", "apelido", "ultimo nome"),
        *("achternaam", "familienaam", "efternamn", "efternavn", "etternavn", "sukunimi"),
        *("nazwisko", "soyad", "soyisim", "soyadi", "фамилия", "姓", "苗字", "성"),
    ),
    ImportField.FULL_NAME: (
        *("full name", "fullname", "name", "contact name", "contact", "person name", "person", "lead name"),
        *("contact full name", "display name", "lead", "prospect", "prospect name", "candidate"),
        *("vollstandiger name", "ansprechpartner", "kontakt", "nom complet", "nom et prenom", "prenom nom"),
        *("nombre completo", "nombre y apellidos", "nome completo", "nome e cognome", "nominativo"),
        *("volledige naam", "naam", "namn", "navn", "nimi", "imie i nazwisko", "ad soyad", "фио"),
        *("полное имя", "контакт", "氏名", "姓名", "全名", "성명"),
    ),
    ImportField.PHONE: (
        *("mobile phone", "mobile", "mobile number", "cell phone", "cell", "direct phone", "direct dial"),
        *("work direct phone", "direct phone number", "phone", "phone number", "phone numbers", "telephone"),
        *("tel", "work phone", "business phone", "telephone number", "phone 1", "phone 1 value", "phone1"),
        *("person phone", "person phone work", "contact phone", "primary phone", "mobilephone", "home phone"),
        *("contact phone 1", "first phone", "corporate phone", "company phone", "telefon", "telefonnummer"),
        *("handy", "mobil", "handynummer", "mobilnummer", "mobiltelefon", "rufnummer"),
        *("portable", "numero de telephone", "tel portable", "telephone portable", "telephone mobile"),
        *("telefono", "movil", "celular", "numero de telefono", "telefono movil", "cellulare"),
        *("numero di telefono", "telefone", "telemovel", "numero de telefone", "telefoon"),
        *("telefoonnummer", "mobiel", "puhelin", "puhelinnumero", "numer telefonu", "telefon numarasi"),
        *("cep telefonu", "телефон", "мобильный", "номер телефона", "電話", "電話番号", "电话", "手机"),
        *("手机号", "전화", "전화번호", "휴대폰"),
    ),
    ImportField.LOCATION: (
        *("location", "person location", "contact location", "city", "person city", "contact city"),
        *("town", "standort", "ort", "stadt", "ville", "lieu", "localisation", "ciudad", "ubicacion"),
        *("citta", "localita", "cidade", "localizacao", "stad", "plaats", "город", "地点", "城市"),
    ),
    ImportField.INDUSTRY: (
        *("industry", "company industry", "primary industry", "sector", "branche", "industrie"),
        *("secteur", "secteur d activite", "sector industria", "industria", "settore", "setor"),
        *("bransch", "branza", "sektor", "отрасль", "業界", "业种", "行业"),
    ),
}

OTHER_THINGS = frozenset(
    {
        *("status", "confidence", "verified", "verification", "valid", "validation", "validity", "source"),
        *("date", "opt", "consent", "count", "score", "id", "type", "sent", "opened", "bounced", "reply"),
        *(
            "open",
            "catchall",
            "quality",
            "label",
            "unsubscribed",
            "subscribed",
            "provider",
            "grade",
            "extension",
        ),
        *("followers", "connections", "headcount", "employees", "size", "hash", "template", "subject"),
    }
)
"""Words that make of a column's name something else: an e-mail's status is no e-mail."""
