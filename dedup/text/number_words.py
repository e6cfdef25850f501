"""Numbers that are written as words: "three", "million", "七", and "Tuesday" and "May".

News spells small numbers out. Where "seven" stands in the place of "three", a number is
replaced, as 7 for 3 would be (docs/algorithm.md, step 9). So it is where another day of the
week or another month stands: the report is of another day. Words that are much more often
something else are left out: the Turkish for ten, "on", the Spanish for eleven, "once", the
Vietnamese for five, which means year, and "sept", seven in French and short for September.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

import numpy as np

from dedup.model import UInt32s
from dedup.text.normalise import normalise
from dedup.text.tokens import token_hash

NUMBER_WORDS = {
    0: "zero zéro cero null ноль нуль μηδέν sıfır صفر शून्य 零 〇",
    1: (
        "one first ein eine einen einem einer eins erste ersten erster un une premier première "
        "uno una primer primero primera een één один одна одно одного ένα ένας μία bir một واحد "
        "واحدة एक 한 一"
    ),
    2: (
        "two second zwei zweite zweiten zweiter deux deuxième dos segundo segunda due dois duas "
        "twee два две двух двое δύο iki hai اثنان اثنين दो 두 二 两 兩"
    ),
    3: (
        "three third drei dritte dritten dritter trois troisième tres tercer tercero tercera "
        "tre três drie три трёх трое τρεις τρία üç ba ثلاثة ثلاث तीन 세 三"
    ),
    4: (
        "four fourth vier vierte vierten quatre quatrième cuatro cuarto cuarta quattro quatro "
        "четыре четырёх четверо τέσσερις τέσσερα dört bốn أربعة أربع चार 네 四"
    ),
    5: (
        "five fifth fünf fünfte fünften cinq cinquième cinco cinque vijf пять пяти πέντε beş "
        "خمسة خمس पाँच पांच 다섯 五"
    ),
    6: "six sixth sechs sechste seis sei zes шесть шести έξι altı sáu ستة ست छह 여섯 六",
    7: (
        "seven seventh sieben siebte siete sette sete zeven семь семи επτά εφτά yedi bảy "
        "سبعة سبع सात 일곱 七"
    ),
    8: (
        "eight eighth acht achte huit ocho otto oito восемь восьми οκτώ οχτώ sekiz tám ثمانية "
        "ثماني आठ 여덟 八"
    ),
    9: (
        "nine ninth neun neunte neuf nueve nove negen девять девяти εννέα εννιά dokuz chín تسعة "
        "تسع नौ 아홉 九"
    ),
    10: "ten tenth zehn zehnte dix diez dieci dez tien десять десяти δέκα mười عشرة عشر दस 열 十",
    11: "eleven elf onze undici одиннадцать έντεκα ग्यारह",
    12: "twelve dozen dozens zwölf douze doce dodici doze twaalf двенадцать δώδεκα बारह",
    13: "thirteen dreizehn treize trece tredici treze dertien тринадцать",
    14: "fourteen vierzehn quatorze catorce quattordici catorze veertien четырнадцать",
    15: "fifteen fünfzehn quinze quince quindici vijftien пятнадцать पंद्रह",
    16: "sixteen sechzehn seize dieciséis sedici dezesseis zestien шестнадцать",
    17: "seventeen siebzehn diecisiete diciassette dezessete zeventien семнадцать",
    18: "eighteen achtzehn dieciocho diciotto dezoito achttien восемнадцать",
    19: "nineteen neunzehn diecinueve diciannove dezenove negentien девятнадцать",
    20: "twenty zwanzig vingt veinte venti vinte twintig двадцать είκοσι yirmi बीस 스무",
    30: "thirty dreißig trente treinta trenta trinta dertig тридцать τριάντα otuz तीस",
    40: "forty vierzig quarante cuarenta quaranta quarenta veertig сорок σαράντα kırk चालीस",
    50: "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig пятьдесят πενήντα elli पचास",
    60: "sixty sechzig soixante sesenta sessanta sessenta zestig шестьдесят εξήντα altmış साठ",
    70: "seventy siebzig setenta settanta zeventig семьдесят εβδομήντα yetmiş सत्तर",
    80: "eighty achtzig ochenta ottanta oitenta tachtig восемьдесят ογδόντα seksen अस्सी",
    90: "ninety neunzig noventa novanta negentig девяносто ενενήντα doksan नब्बे",
    100: (
        "hundred hundreds hundert hunderte cent cents cien ciento cientos cento honderd сто "
        "сотни εκατό yüz trăm مئة مائة सौ 百"
    ),
    1000: (
        "thousand thousands tausend tausende mille mil mila duizend тысяча тысячи тысяч χίλια "
        "χιλιάδες nghìn ألف آلاف हज़ार हजार 千"
    ),
    10_000: "万 萬",
    100_000: "lakh लाख",
    1_000_000: (
        "million millions millionen millón millones milione milioni milhão milhões miljoen "
        "миллион миллиона миллионов εκατομμύριο εκατομμύρια milyon triệu مليون ملايين"
    ),
    10_000_000: "crore करोड़",
    100_000_000: "亿 億",
    1_000_000_000: (
        "billion billions milliarde milliarden milliard milliards miliardo miliardi bilhão "
        "bilhões miljard миллиард миллиарда миллиардов δισεκατομμύριο δισεκατομμύρια milyar tỷ "
        "مليار"
    ),
    1_000_000_000_000: "trillion trillions billionen billón billones триллион триллиона триллионов",
}
"""Words by the number that they mean."""
MONTHS = (
    "january jan januar jänner janvier enero gennaio janeiro januari января январь январе "
    "ιανουαρίου ocak يناير जनवरी",
    "february feb februar février febrero febbraio fevereiro februari февраля февраль феврале "
    "φεβρουαρίου şubat فبراير फरवरी",
    "march mar märz mars marzo março maart марта март марте μαρτίου mart مارس मार्च",
    "april apr avril abril aprile апреля апрель апреле απριλίου nisan أبريل إبريل अप्रैल",
    "may mai mayo maggio maio mei мая май мае μαΐου mayıs مايو मई",
    "june jun juni juin junio giugno junho июня июнь июне ιουνίου haziran يونيو जून",
    "july jul juli juillet julio luglio julho июля июль июле ιουλίου temmuz يوليو जुलाई",
    "august aug août agosto augustus августа август августе αυγούστου ağustos أغسطس अगस्त",
    "september sep septembre septiembre settembre setembro сентября сентябрь сентябре "
    "σεπτεμβρίου eylül سبتمبر सितंबर",
    "october oct oktober octobre octubre ottobre outubro октября октябрь октябре οκτωβρίου ekim "
    "أكتوبر अक्टूबर",
    "november nov novembre noviembre novembro ноября ноябрь ноябре νοεμβρίου kasım نوفمبر नवंबर",
    "december dec dezember décembre diciembre dicembre dezembro декабря декабрь декабре "
    "δεκεμβρίου aralık ديسمبر दिसंबर",
)
"""Names of the months, which mean 1 to 12."""
WEEKDAYS = (
    "monday mon montag montags lundi lunes lunedì maandag понедельник понедельника понедельнику "
    "δευτέρα pazartesi الاثنين الإثنين सोमवार دوشنبه 월요일",
    "tuesday tue tues dienstag dienstags mardi martes martedì terça dinsdag вторник вторника "
    "вторнику τρίτη salı الثلاثاء मंगलवार سه\u200cشنبه 화요일",
    "wednesday wed mittwoch mittwochs mercredi miércoles mercoledì quarta woensdag среда среду "
    "среды τετάρτη çarşamba الأربعاء बुधवार چهارشنبه 수요일",
    "thursday thu thurs donnerstag donnerstags jeudi jueves giovedì quinta donderdag четверг "
    "четверга четвергу πέμπτη perşembe الخميس गुरुवार बृहस्पतिवार پنج\u200cشنبه 목요일",
    "friday fri freitag freitags vendredi viernes venerdì sexta vrijdag пятница пятницу пятницы "
    "παρασκευή cuma الجمعة शुक्रवार جمعه 금요일",
    "saturday sat samstag samstags sonnabend samedi sábado sabato zaterdag суббота субботу "
    "субботы σάββατο cumartesi السبت शनिवार شنبه 토요일",
    "sunday sun sonntag sonntags dimanche domingo domenica zondag воскресенье воскресенья "
    "κυριακή pazar الأحد रविवार یک\u200cشنبه 일요일",
)
"""Names of the days of the week, which mean 0001 to 0007: no numbers that a text would have."""
DATE_BIT = 1 << 7
"""Set in what a month or a day of the week means, as in a number with decimals: neither counts
at the edge of a text, where dates stand."""
TABLE_BITS = 11
"""Slots of the table, as a power of two: three for a word."""


@cache
def number_words() -> dict[int, int]:
    """Return the token hashes of number words, each with that of its number in digits."""
    return {
        token_hash(normalise(word)): token_hash(digits) | bit for word, digits, bit in meanings()
    }


@cache
def _weekdays() -> frozenset[int]:
    """Return the token hashes of days of the week."""
    return frozenset(token_hash(normalise(word)) for words in WEEKDAYS for word in words.split())


def is_weekday(token: int) -> bool:
    """Whether a token is the name of a day of the week."""
    return token in _weekdays()


def meanings() -> Iterator[tuple[str, str, int]]:
    """Yield each word with the digits of its number, and ``DATE_BIT`` or 0."""
    digits = ((str(number), words, 0) for number, words in NUMBER_WORDS.items())
    months = ((str(number), words, DATE_BIT) for number, words in enumerate(MONTHS, 1))
    days = ((f"000{number}", words, DATE_BIT) for number, words in enumerate(WEEKDAYS, 1))
    for number, words, bit in chain(digits, months, days):
        for word in words.split():
            yield word, number, bit


def number_table(words: UInt32s, numbers: UInt32s) -> UInt32s:
    """Return a table of number words for kernels.

    Parameters
    ----------
    words, numbers : uint32 arrays, shape (n,)
        Token hashes of words, and of what they mean.

    Returns
    -------
    uint32 array, shape (2, 2**TABLE_BITS)
        Hashes of words and of their numbers; 0 in empty slots. A word stands in the slot that
        its uppermost bits name, or in the next free one.
    """
    table = np.zeros((2, 1 << TABLE_BITS), np.uint32)
    for word, number in zip(words.tolist(), numbers.tolist(), strict=True):
        slot = word >> (32 - TABLE_BITS)
        while table[0, slot]:
            slot = (slot + 1) % len(table[0])
        table[:, slot] = word, number
    return table
