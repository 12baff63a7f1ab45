"""Legal forms of companies, as company_name_key compares them.

Made by tools/make_legal_forms.py from GLEIF's list of entity legal forms (ISO 20275, CC0) and its own list.
"""


def _forms(text: str) -> frozenset[str]:
    return frozenset(" ".join(text.split()).split(" | "))


# At the end of a name.
AFTER = _forms(
    """
& cia | & co | & co kg | & co kgaa | & co ohg | & cokg | & cokgaa | & company | & coohg |
a benefit corporation | a s | a ş | a/s | ab | ab publ | abp | aeie | ag | akciová společnost |
aksjeselskap | aktiebolag | aktiengesellschaft | aktieselskab | aktsiaselts | amba | and co | and company |
anonim şirketi | anoni̇m şi̇rketi̇ | anpartsselskab | aps | as | asa | asbl | aş | b v |
benefit corporation | berhad | besloten vennootschap | bhd | bt | bv | bvba | ccsda | cia ltda | cialtda |
cjsc | cncol | co | co kg | co ltd | cokg | coltd | community interest company | commv | company |
company limited | corp | corporation | cvba | cía ltda | cía s en c | cía sca | cíaltda | d o o | de c v |
doo | dooel | e cia | e i r l | e k | e kffr | e kfm | e kfr | ead | eeig | eesv | eg | egen | egiu |
egiz | ehf | ehzs | eingetragener kaufmann | eireli | eireli epp | eireli me | eirl | ek | ekfm | ekfr |
emhü | eood | etey | eurl | ewiv | ezig | eøfg | fcrpyme | fiamm | fmba | fz llc | fzco | fze | fzllc |
gbr | geie | gesbr | gesellschaft mit beschränkter haftung | gesmbh | ggmbh | gmbh | gmbh ug | gmbh&co |
gmbh&co kg | gmbh&cokg | godo kaisha | guarantee ltd | handelsbolag | hb | hf | i/s | inc | inc co |
inc limited | incorporated | incorporee | invag | j d o o | jdoo | joint stock company | jsc | k k | k/s |
kabushiki kaisha | kabushikikaisha | kb | kft | kg | kgaa | kk | kkt | kollşti | kompani e huaj | komşti |
korlátolt felelősségű társaság | lda | ldc limited | ldc ltd | limitada | limited | limited by guarantee |
limited company | limited corp | limited liability co | limited liability company |
limited liability partnership | limited liabilty company | limited partnership | limited şirketi |
limitee | limitée | li̇mi̇ted şi̇rketi̇ | llc | lllp | llp | lp | ltd | ltd co | ltd incorporated |
ltd sti | ltd şti | ltd şti̇ | ltda | ltda epp | ltda me | ltdaepp | ltdame | ltdsti | ltdşti | ltdşti̇ |
ltee | ltée | mbh | mtü | n v | naamloze vennootschap | nv | nyrt | oao | ohf | ohg | ohg mbh | ojsc |
ood | ooo | osakeyhtiö | osaühing | oy | oy ab | oyj | oyj abp | oü | p ltd | p/s | pao | partg |
partg mbb | partgmbb | pcl | persero | persero tbk | pjsc | plc | pllc | pllp | pltd | private limited |
private limited company | private ltd | prof corp | professional corporation |
professional service corporation | proprietary limited | prosta spółka akcyjna | pt pma | pt pmdn |
pte limited | pte ltd | ptelimited | pteltd | pty | pty limited | pty ltd | ptylimited | ptyltd | publ |
public benefit corporation | public company limited | public limited company | pvt limited | pvt ltd |
pvtlimited | pvtltd | registered ltd | reitag | rlllp | rllp | rntbc | rp io | s a | s a b de c v |
s a de c v | s a de c v sofom e n r | s a de c v sofom e r | s a p i de c v | s a p i de c v sofom e n r |
s a s | s a s de c v | s c a r l | s civil | s civil de r l | s com | s de r l | s de r l de c v |
s de r l de i p de c v | s de rl | s de rl de cv | s de rl mi | s de s s | s en c | s en c de c v |
s en c por a | s en c por a de c v | s en cp | s l | s l n e | s l u | s n c | s p a | s r l | s r l s |
s r l unipersonale | s r o | s à r l | s/a | sa | sa de cv | sa de cv sofom enr | sa de cv sofom er |
sa pi | sa pi b | sa pi de cv | sab de cv | sab sofom er | sabde cv | sacs | sade cv | sade cvsofom enr |
sade cvsofom er | sagl | sapi de cv | sapi de cv sofom enr | sapib de cv | sapide cv | sapide cvsofom enr |
sarf | sarl | sarlu | sas | sas de cv | sasde cv | sasu | sc de a p | sc de a p de c v | sc de rl de cv |
scarl | scc limited | scc ltd | sce i | sceselskab | scl de cv | scompap | scoopp | scpa | scrl | scrpyme |
sde rl | sde rlde cv | sdn bhd | sdnbhd | se | selarl | selas | sen c | senc | sencrl | seselskab | sezc |
sgps | sh p k | shpk | sia | sicav | sl | slhf | slne | slu | smba | smcprivate limited | snc | soccol |
sociedad anónima | sociedad de responsabilidad limitada | sociedad limitada |
società a responsabilità limitata | società per azioni | société anonyme | société par actions simplifiée |
société à responsabilité limitée | sp j | sp k | sp p | sp z o o | sp z oo | sp zoo | spa | spbllc | spj |
spk | spol s r o | spol s ro | společnost s r o | společnost s ro | spols ro | spp | spr de rl de cv |
sprl | spv ltd | spv spc | spz oo | spzoo | spółka akcyjna | spółka jawna | spółka komandytowa |
spółka z o o | spółka z ograniczoną odpowiedzialnością | spółka z oo | srcp | srl | srl semplificata |
srl unipersonale | srll | srlp | srls | srlunipersonale | sro | suarl | sà rl | sàrl | tbk | u co |
u co kg | uab | uaim | uco | ucokg | ug haftungsbeschränkt | ukeig | ultd | und co | und co kg | und cokg |
unipessoal lda | unlimited | unlimited company | unltd | vof | vvag | vzw | všį | wll | y cia | y cía |
yugen kaisha | zao | zrt | α β ε ε | αβεε | αε | ανώνυμη εταιρεία | ε π ε | εε | εοοσ | επε | ι κ ε | ικε |
μονοπρόσωπη ι κ ε | μονοπρόσωπη ικε | οε | аат | ад | адкрытае акцыянернае таварыства | адсиц |
акционарско друштво | акционерно дружество | акционерно дружество със специална инвестиционна цел |
акционерное общество | акционерско друштво | акціонерне товариство | ао | ат | дззд | доо | дп |
дружество с ограничена отговорност | друштво са ограниченом одговорношћу |
друштво со ограничена одговрност | еад | европейско кооперативно дружество с ограничена отговорност | ед |
еднолично aкционерно дружество със специалнa инвестиционна цел | еднолично акционерно дружество |
еднолично дружество с ограничена отговорност | екд | еоии | еоод | ет | закрытае акцыянернае таварыства |
закрытое акционерное общество | зао | зат | индивидуальный предприниматель | ип | кд | кда |
командитно дружество | командитно дружество с акции | командитно друштво | командитно друштво со акции |
нао | непубличное акционерное общество | оао | общество с дополнительной ответственностью |
общество с ограниченной ответственностью | од | одо | оод | ооо | ортачко друштво |
открытое акционерное общество | пао | пат | пп | пр | прат | приватне акціонерне товариство |
приватне підприємство | публичное акционерное общество | публічне акціонерне товариство | сд |
сдружение в обществена полза | сие | събирателно дружество сд/съдружие | таа |
таварыства з абмежаванай адказнасцю | таварыства з дадатковай адказнасцю | тда | тдв | тов |
товариство з обмеженою відповідальністю | товарищество с ограниченной ответственностью | тоо | уп | фоп |
чп | чуп | јавно трговско друштво | јп | բբը | սպը | փբը | בעמ | الشركة | المحدودة | المساهمة العامة |
با مسئولیت محدود | توصية بسيطة | ذ م م | ذات المسؤولية المحدودة | ذات مسؤولية محدودة | ذمم | سهامی خاص |
سهامی عام | ش ذ م م | ش م ب | ش م خ | ش م ع | ش م ك | ش م م | شذمم | شركة | شركة مساهمة |
شركة مساهمة مقفلة | شرکت | شمب | شمخ | شمع | شمك | شمم | لا تهدف لتحقيق الربح | مساهمة عامة |
प्राइवेट लिमिटेड | लिमिटेड | প্রাইভেট লিমিটেড | লিমিটেড | บจก | บมจ | หจก | სს | შპს
"""
)

# At the end, if written with dots: without them they could be words.
AFTER_IF_DOTTED = _forms(
    """
abv | ac | ad | ae | af | aie | anl | ans | arl | asc | avv | ay | aü | ba | bbl | bc | bi | br | brl |
ca | cc | ccc | cdc | cer | cga | cic | clg | cn | cp | cpt | cra | csl | cti | ctr | cv | cyf | da | dba |
dd | dno | dvz | edo | ege | elp | emc | enk | ep | epe | erl | eu | ev | fa | fcr | fdn | fi | fie | fii |
fim | fip | fkf | fp | fsa | gag | giu | giz | gk | gp | hsz | hü | iap | ibc | icc | iic | ik | iks |
ilp | ivs | jtd | kbe | kd | kda | kdd | keg | kf | kht | ks | ky | kü | lbg | lc | lca | ldc | mb | mbe |
ml | mmc | mpo | mps | mrl | na | nl | np | npc | nsh | nuf | oba | oeg | ofe | og | ok | op | opc | ops |
osk | owm | pa | pac | pbc | pc | pcc | pl | pll | ps | psa | psc | pt | ptc | qsc | rt | saa | sab | sac |
sal | sam | sap | sat | sau | sc | sca | sce | scl | scm | scp | scr | scs | sec | sf | sgr | sha | sic |
sii | siz | sj | sk | ska | slf | sll | slm | slp | smc | soc | sp | spc | spf | spr | sr | src | ss |
ssb | ste | stg | teo | tp | tu | tuw | tü | tüh | uks | ulc | uü | vba | vos | vve | yk | zbo | zoo | zs
"""
)

# At the beginning.
BEFORE = _forms(
    """
cjsc | cong ty co phan | cong ty cp | cong ty tnhh | cong ty tnhh mtv | ctcp | cty tnhh | công ty cp |
công ty cổ phần | công ty hợp danh | công ty tnhh | công ty tnhh hai thành viên | công ty tnhh mtv |
công ty tnhh một thành viên | công ty trách nhiệm hữu hạn | công ty trách nhiệm hữu hạn một thành viên |
dntn | doanh nghiệp tư nhân | eurl | joint stock company | jsc | kabushiki kaisha |
limited liability company | llc | oao | ojsc | ooo | oy | oü | pao | pjsc | pt | sarl | sia | sp z o o |
sp z oo | spz oo | spółka z o o | spółka z oo | tov | uab | všį | zao | аат |
адкрытае акцыянернае таварыства | адсиц | акционарско друштво | акционерно дружество |
акционерно дружество със специална инвестиционна цел | акционерное общество | акционерско друштво |
акціонерне товариство | ао | ат | дззд | доо | дп | дружество с ограничена отговорност |
друштво са ограниченом одговорношћу | друштво со ограничена одговрност | еад |
европейско кооперативно дружество с ограничена отговорност | еднолично акционерно дружество |
еднолично дружество с ограничена отговорност | екд | еоии | еоод | ет | закрытае акцыянернае таварыства |
закрытое акционерное общество | зао | зат | индивидуальный предприниматель | ип | кда |
командитно дружество | командитно дружество с акции | командитно друштво | командитно друштво со акции |
нао | непубличное акционерное общество | оао | общество с дополнительной ответственностью |
общество с ограниченной ответственностью | одо | оод | ооо | ортачко друштво |
открытое акционерное общество | пао | пат | пп | прат | приватне акціонерне товариство |
приватне підприємство | публичное акционерное общество | публічне акціонерне товариство | сд |
сдружение в обществена полза | сие | събирателно дружество сд/съдружие | таа |
таварыства з абмежаванай адказнасцю | таварыства з дадатковай адказнасцю | тда | тдв | тов |
товариство з обмеженою відповідальністю | товарищество с ограниченной ответственностью | тоо | уп | фоп |
чп | чуп | јавно трговско друштво | الشركة | شركة | شركة مساهمة | شرکت | บจก | บมจ | หจก | სს | შპს
"""
)

# At either end, with or without a space.
ATTACHED = _forms(
    """
(มหาชน) | (合) | (同) | (有) | (株) | (유) | (주) | จํากัด | จํากัด (มหาชน) | จํากัด(มหาชน) | บริษัท |
ห้างหุ้นส่วนจํากัด | 兩合公司 | 公眾股份有限公司 | 合同会社 | 合名会社 | 合資会社 | 擔保有限公司 |
有股本的公眾無限公司 | 有股本的私人無限公司 | 有限会社 | 有限公司 | 有限責任公司 | 有限责任公司 |
株式会社 | 無限公司 | 私人股份有限公司 | 股份公司 | 股份有限公司 | 유한책임회사 | 유한회사 | 주식회사 |
합명회사 | 합자회사
"""
)
