"""The words before a name: honorifics, ranks, roles and kin, and how strongly each says that a name follows."""

from __future__ import annotations

from typing import Final

from rukun.core.text.kinds import word_set

#: ROLE: a name may follow, if it is written as one. KIN ("adiknya"): the same, in small letters too. HONORIFIC: one follows unless the word is an ordinary one.
#: STRONG ("bernama", "a.n."): one follows, initials too.
ROLE, KIN, HONORIFIC, STRONG = 1, 2, 3, 4

_STRONG: Final = (
    "a . n . | a . n | a / n | an . | a n . | atas nama | inisial | berinisial | inisialnya | bernama | namanya | nama : | nama lengkap : | nama lengkap | alias | dipanggil"
    "| panggilan | disapa | sapaan | akrab disapa | dikenal dengan nama | mengaku bernama | sdr | sdri | sdra | sdr i | saudara | saudari | sodara"
    "| pelapor : | terlapor : | korban : | saksi : | saksi 2 : | saksi 2 | saksi-saksi : | para saksi : | korban-korban : | tersangka : | pelaku : | terduga : | pihak i : | pihak ii : | pihak pertama : | pihak kedua : | mediator : | ybs :"
    "| nama saya | nama sy | sebut saja | kita sebut | narahubung | narahubung : | contact person | contact person : | kontak person | yang membuat pernyataan , | yang menyatakan , | yang menerima | yang menyerahkan | disaksikan : | pihak kesatu | pihak kesatu : | yang melapor , | pembuat pernyataan ,"
    "| ketua : | sekretaris : | bendahara : | kontak person : | cp : | narasumber : | penerima : | pengirim : | ttd | tertanda | ub . | dkk :"
)
_HONORIFIC: Final = (
    "pak | bapak | bpk | bp | pa | bu | ibu | buk | ibuk | bunda | tuan | tn | nyonya | ny | nona | nn | haji | hajjah | h . | hj | k . h . | kh | kh . | k . h | tgk | tgh | teungku | ust"
    "| ustad | ustadz | ustaz | ustadzah | ustazah | buya | habib | syekh | kyai | kiai | nyai | gus | ning | pdt | pendeta | pdm | pastor | romo | suster | bruder | pinandita | mangku | bhikkhu"
    "| bang | bung | bg | mas | mbak | mba | mbah | kang | teh | neng | kak | kakak | ka | om | oom | tante | pakde | bude | paklek | daeng | dg | karaeng | opu | puang | petta | andi | sangia"
    # by which the peoples of Indonesia call each other: Chinese, Balinese, Batak, Makassar and Bugis, Bajo, Tolaki and Buton, Javanese, Sundanese, Minang, Malay, the east
    "| ko | koh | engkoh | kokoh | ci | cik | cici | cece | engkong | ncek | encik | bli | mbok | jro | jero | amang | inang | lae | opung | oppung | ompung | namboru | amangboru"
    "| tetta | ambe | puto | mbo | puutobu | tolea | pabitara | mokole | sapati | lakina | parabela | cak | cacak | pakdhe | budhe | paklik | bulik | bulek | eyang | akang | ceu | aa"
    "| aji | puang aji | uda | uni | ajo | etek | mamak | datuk | encang | encing | babe | oma | opa | usi | nyong | kaka | abang | bro | sis | mr . | mrs . | ms . | mr | mrs | miss | sir | lk | pr | p | b | biksu | lel | per . | lel . | kk"
    "| almarhum | almarhumah | alm | almh | drs | dra | dr | drg | ir | prof | hi . | mama | mak | emak | abah | kakek | nenek | tgr | uwak | wak"
    "| bripka | aipda | aiptu | brigpol | briptu | bripda | brigadir | brig | bharada | bharaka | bharatu | ipda | iptu | akp | kompol | akbp | kombes | kombespol | brigjen | irjen | komjen | kombes pol | brigadir polisi"
    "| serda | sertu | serka | serma | pelda | peltu | kopda | koptu | kopka | praka | pratu | prada | letda | lettu | letkol | kolonel | mayor | kapten | kapten inf | mayor inf | letkol inf | sersan | kopral | bripka pol"
)
_KIN: Final = "anaknya | istrinya | isterinya | suaminya | adiknya | kakaknya | ayahnya | ibunya | orang tuanya | mertuanya | menantunya | iparnya | sepupunya | pamannya | bibinya | keponakannya | ponakannya | cucunya | kakeknya | neneknya | pacarnya | mantannya | mantan suaminya | mantan istrinya | tetangganya | temannya | rekannya | kawannya | bosnya | majikannya | anak buahnya | putranya | putrinya | tunangannya | saudaranya | sopirnya | bapaknya | mamanya | papanya | bundanya | omnya | tantenya | abangnya | mbaknya | masnya | kakanya | maminya | papinya | ortunya | ortu | gurunya | muridnya | iparnya | selingkuhannya | kekasihnya | keluarganya"
_ROLE: Final = (
    "kades | kepala desa | lurah | camat | bupati | walikota | wali kota | gubernur | wagub | wabup | wakil bupati | wakil walikota | wakil wali kota | wakil gubernur | presiden | menteri"
    "| ketua | wakil ketua | sekretaris | sekdes | sekretaris desa | sekcam | sekda | bendahara | kepala dusun | kadus | kepala lingkungan | kaling | kepala sekolah | kepsek | kepala | kabid | kadis"
    "| kasi | kaur | kasubag | guru | ustaz | imam | imam masjid | imam desa | khatib | marbot | tokoh adat | tokoh agama | tokoh masyarakat | tokoh pemuda | tokoh perempuan | tokoh | tetua adat | pemangku adat | puutobu | bonto | parabela | mokole"
    "| pelaku | terduga | terduga pelaku | tersangka | terdakwa | terlapor | pelapor | korban | saksi | saksi mata | residivis | otak pelaku | buronan | dpo"
    "| pemilik | pemilik lahan | pengelola | penjaga | pimpinan | pengurus | koordinator | korlap | koordinator lapangan | penanggung jawab | panitia | juru bicara | jubir | kuasa hukum | pengacara | advokat"
    "| mediator | pihak pertama | pihak kedua | pihak i | pihak ii | nahkoda | nakhoda | juragan | abk | kapten kapal | sopir | supir | kernet | pengemudi | pengendara | penumpang | tukang | tukang ojek | juru parkir"
    "| anak | istri | suami | adik | ayah | orang tua | mertua | menantu | ipar | iparnya"
    "| sepupu | paman | bibi | keponakan | cucu | pacar | tetangga | tetangganya"
    "| teman | rekan | majikan | putra | putri"
    "| pemuda | pemudi | remaja | lelaki | laki-laki | perempuan | pria | wanita | warga | mahasiswa | mahasiswi | siswa | siswi | santri | pelajar | bocah | balita | lansia | janda | duda"
    "| ahli waris | ahli waris dari | kaur | kasi | kabid | kabag | kasubag | kadis | kaling | kasubbag | bendahara | sekcam | wna | warga negara | saya | sy | oleh | mengetahui ,"
    "| nelayan | petani | pedagang | penjual | pembeli | kontraktor | pemborong | calon | cakades | cabup | caleg | paslon | petahana | timses | relawan | operator | direktur | manajer | mandor | bos | buruh | karyawan | pegawai"
    "| bhabin | bhabinkamtibmas | babinsa | kapolsek | kapolres | kapolresta | kapolda | danramil | dandim | wakapolsek | kanit | kasat | kasatreskrim | kasihumas | kapospol | anggota | personel | petugas | polisi | polwan | satpam"
    "| hansip | linmas | wartawan | jurnalis | aktivis | bidan | perawat | mantri | dokter | dukun | dosen | rektor | dekan | staf | admin | pengusaha | investor | pj | plt | pjs | pgs"
)
#: After a role: what belongs to it and is skipped before the name.
AFTER_ROLE: Final = word_set(
    "rt rw bpd kpps pps ppk ppl kpu bawaslu panwascam panwas lpm pkk dprd dpr dpd dpc dpw tps uptd opd polsek polres "
    "polda koramil kodim tni polri pol inf kav karang taruna adat pemuda pemudi panitia umum harian desa dusun "
    "lingkungan kelompok tani nelayan masjid gereja mushola majelis taklim remaja banjar agama masyarakat perempuan "
    "komisi fraksi partai tim sukses lahan tanah rumah kebun warung kios toko kafe ruko bengkel pangkalan usaha kapal "
    "perahu lapak sawah empang tambak ternak sapi truk motor mobil angkot ojek pete-pete bus sayur ikan bakso pulsa "
    "kue gorengan pasar honorer ngaji sekolah sd smp sma smk kelas olahraga binmas reskrim intel lantas sabhara "
    "samapta narkoba bhabinkamtibmas kadus kelapa pihak pertama kedua ketiga kepala pelaku utama lain proyek jalan "
    "tersebut kandung tiri angkat sulung bungsu tertua kami saya kita dari gerakan forum koordinator urusan seksi "
    "bidang bupati walikota wali kota gubernur kades legislatif nomor urut hukum kelurahan kecamatan kabupaten tewas "
    "meninggal kunci setempat aksi es nasi jamu air lapangan berat ringan luka hindu islam kristen katolik buddha "
    "puskesmas pustu rs dinas badan kantor bank cabang biro unit ruangan bagian tolaki muna buton bugis bajo makassar "
    "jawa bali toraja moronene mekongga wawonii wolio mandar sunda madura ambon flores papua etnis suku i ii iii iv v "
    "vi vii viii ix x satu dua tiga muda keluarga juru parkir besi batu kayu las sopir bentor kuasa ukur rombongan "
    "pengamanan yang dengan lama baru terpilih incumbent petahana aktif nonaktif sah keuangan umum perencanaan "
    "pemerintahan pelayanan kesejahteraan pembangunan trantib pete tambang asing pondok grup"
)
#: Whoever is spoken of in a case: initials may follow these roles.
OF_A_CASE: Final = word_set(
    "pelaku terduga tersangka terdakwa terlapor pelapor korban saksi residivis pemuda pria wanita lelaki laki-laki "
    "perempuan remaja oknum"
)
#: After these the name of a village is as likely as one of a person.
OF_AN_AREA: Final = word_set(
    "kades kepala lurah camat bupati walikota wali kapolsek kapolres danramil kadus kaling warga pemuda pemudi tokoh "
    "sekdes sekretaris ketua imam bhabin bhabinkamtibmas babinsa cakades pj plt anggota"
)
#: Titles that are a part of how a person is called: behind another calling they are masked with the name.
TITLES: Final = word_set("haji hajjah h hj hi kh drs dra dr prof ir daeng dg karaeng andi k")
#: Abbreviations in capitals that stand where initials could.
ACRONYMS: Final = word_set(
    "sd smp sma smk tk mts ma mi kpu tni ri pns asn wni wna pt cv ud rt rw hp wa fb ig ktp kk sim tps kdrt lp tv ac "
    "pln pdam spbu bbm bpd lpm dpr lsm ormas ppk pps kpps uu hut kua ust dpo tkp lbh pkk ukm bem hmi pmii gmni imm "
    "kammi tki pmi abk odgj cctv stnk bpkb polri pol igd dpt dpd dpc opd bumn bumd pos vip mc cpns p3k bpk bri bni "
    "bca hiv ugd pjr dan ke di no gg jl"
)


def _phrases(listed: str, strength: int, into: dict[str, list[tuple[tuple[str, ...], int]]]) -> None:
    for phrase in listed.split("|"):
        first, *rest = phrase.split()
        into.setdefault(first, []).append((tuple(rest), strength))


def callings() -> dict[str, tuple[tuple[tuple[str, ...], int], ...]]:
    """By first word: the words that follow in the phrase and its strength, longest phrase first."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    _phrases(_ROLE, ROLE, found)
    _phrases(_KIN, KIN, found)
    _phrases(_HONORIFIC, HONORIFIC, found)
    _phrases(_STRONG, STRONG, found)
    return {first: tuple(sorted(rest, key=lambda item: (-len(item[0]), -item[1]))) for first, rest in found.items()}
