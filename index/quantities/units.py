"""Units of measure, money and time, and the singular of a counted noun."""

from __future__ import annotations

from typing import NamedTuple

from index.names.gazetteer import word_set


class Unit(NamedTuple):
    """One unit, under its canonical name."""

    name: str
    dimension: str
    factor: float
    """How many of the dimension's base units (m, kg, s, W, …) it is."""


_HOUR = 3600.0
_DAY = 24 * _HOUR
# name | dimension | factor | spellings. A spelling with a capital is matched as it stands.
_TABLE = """
km | length | 1000 | kilometer,kilometers,kilometre,kilometres,kms
m | length | 1 | meter,meters,metre,metres
cm | length | 0.01 | centimeter,centimeters,centimetre,centimetres
mm | length | 0.001 | millimeter,millimeters,millimetre,millimetres
mile | length | 1609.344 | miles
yard | length | 0.9144 | yards
foot | length | 0.3048 | feet,ft
inch | length | 0.0254 | inches
light-year | length | 9.4607e15 | light-years,light year,light years
kg | mass | 1 | kilogram,kilograms,kilo,kilos,kgs
g | mass | 0.001 | gram,grams,grammes
mg | mass | 0.000001 | milligram,milligrams
tonne | mass | 1000 | tonnes,ton,tons,metric ton,metric tons
pound | mass | 0.45359237 | pounds,lb,lbs
ounce | mass | 0.028349523 | ounces,oz
stone | mass | 6.35029318 |
litre | volume | 1 | liter,liters,litres
ml | volume | 0.001 | milliliter,milliliters,millilitre,millilitres
gallon | volume | 3.785411784 | gallons
barrel | volume | 158.987294928 | barrels
°C | temperature | 1 | ° C,degrees Celsius,degree Celsius,degrees C,degrees celsius,C
°F | temperature | 1 | ° F,degrees Fahrenheit,degree Fahrenheit,degrees F,degrees fahrenheit,F
degree | angle | 1 | degrees
m² | area | 1 | square meters,square metres,sq m,square meter,square metre
km² | area | 1000000 | square kilometers,square kilometres,sq km,square kilometer
square mile | area | 2589988.11 | square miles,sq miles,sq mi
square foot | area | 0.09290304 | square feet,sq ft
hectare | area | 10000 | hectares
acre | area | 4046.8564224 | acres
km/h | speed | 1 | kph,kmh,kilometers per hour,kilometres per hour,kilometers an hour
mph | speed | 1.609344 | miles per hour,miles an hour
knot | speed | 1.852 | knots
W | power | 1 | watt,watts
kW | power | 1000 | kilowatt,kilowatts
MW | power | 1000000 | megawatt,megawatts
GW | power | 1000000000 | gigawatt,gigawatts
kWh | energy | 1 | kilowatt-hours,kilowatt hours,kilowatt-hour
MWh | energy | 1000 | megawatt-hours,megawatt hours
mAh | charge | 1 | milliamp hours
KB | bytes | 1000 | kilobytes
MB | bytes | 1000000 | megabytes
GB | bytes | 1000000000 | gigabytes,gigabyte
TB | bytes | 1000000000000 | terabytes,terabyte
Hz | frequency | 1 | hertz
kHz | frequency | 1000 | kilohertz
MHz | frequency | 1000000 | megahertz
GHz | frequency | 1000000000 | gigahertz
megapixel | pixels | 1000000 | megapixels,MP
calorie | calories | 1 | calories
"""
_TIMES = """
second | time | 1 | seconds,sec,secs
minute | time | 60 | minutes,min,mins
hour | time | 3600 | hours,hr,hrs
day | time | 86400 | days
week | time | 604800 | weeks
month | months | 1 | months
year | months | 12 | years,yr,yrs
decade | months | 120 | decades
century | months | 1200 | centuries
"""
_MONEY = """
USD | USD | 1 | dollar,dollars,bucks,US dollars
cent | USD | 0.01 | cents
EUR | EUR | 1 | euro,euros
GBP | GBP | 1 | quid,pounds sterling,sterling
pence | GBP | 0.01 | penny
JPY | JPY | 1 | yen
CNY | CNY | 1 | yuan,renminbi
RUB | RUB | 1 | ruble,rubles,rouble,roubles
KRW | KRW | 1 | won
INR | INR | 1 | rupee,rupees
CHF | CHF | 1 | Swiss francs,Swiss franc
UAH | UAH | 1 | hryvnia,hryvnias
TRY | TRY | 1 | lira
BTC | BTC | 1 | bitcoin,bitcoins
crown | crown | 1 | crowns,krone,kroner,krona,kronor,koruna
peso | peso | 1 | pesos
franc | franc | 1 | francs
dinar | dinar | 1 | dinars
dirham | dirham | 1 | dirhams
riyal | riyal | 1 | riyals,rial,rials
shilling | shilling | 1 | shillings
ZAR | ZAR | 1 | rand
THB | THB | 1 | baht
MYR | MYR | 1 | ringgit
IDR | IDR | 1 | rupiah
HUF | HUF | 1 | forint,forints
PLN | PLN | 1 | zloty,zlotys
ILS | ILS | 1 | shekel,shekels
NGN | NGN | 1 | naira
BRL | BRL | 1 | reais
KZT | KZT | 1 | tenge
"""
CURRENCY_SIGNS = {
    "US$": "USD", "$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "R$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW",
    "₹": "INR",
    "₽": "RUB", "₺": "TRY", "₪": "ILS", "₦": "NGN", "₴": "UAH",
}  # fmt: skip
"""Sign → ISO code. A bare "$" is taken for U.S. dollars."""


def _parse(table: str) -> tuple[dict[str, Unit], dict[str, str]]:
    units: dict[str, Unit] = {}
    spellings: dict[str, str] = {}
    for line in table.strip().splitlines():
        name, dimension, factor, others = (field.strip() for field in line.split("|"))
        units[name] = Unit(name, dimension, float(factor))
        spellings.update(dict.fromkeys([name, *filter(None, others.split(","))], name))
    return units, spellings


_measures, MEASURE_SPELLINGS = _parse(_TABLE)
_times, TIME_SPELLINGS = _parse(_TIMES)
_money, MONEY_SPELLINGS = _parse(_MONEY)
UNITS = _measures | _times | _money
"""Canonical name → unit, of measures, times and money."""

_IRREGULAR = {
    "people": "people", "persons": "people", "person": "people", "men": "man", "women": "woman",
    "children": "child", "police": "police officer", "feet": "foot", "teeth": "tooth",
    "lives": "life",
    "wives": "wife", "wolves": "wolf", "knives": "knife", "movies": "movie", "series": "series",
    "aircraft": "aircraft", "troops": "troop", "personnel": "personnel", "staff": "staff",
    "cattle": "cattle",
    "species": "species", "media": "medium", "criteria": "criterion", "businesses": "business",
    "buses": "bus",
    "businessmen": "businessman", "congressmen": "congressman", "lawmen": "lawman",
    "crises": "crisis",
    "cookies": "cookie", "ties": "tie", "gases": "gas", "viruses": "virus", "campuses": "campus",
    "servicemen": "serviceman", "firemen": "fireman", "sportsmen": "sportsman", "halves": "half",
    "horsepower": "horsepower", "caches": "cache", "headaches": "headache", "fish": "fish",
    "sheep": "sheep",
}  # fmt: skip
_NOT_PLURAL = word_set(
    """
    is was has does its his this us as yes plus thus across less unless perhaps always
    besides versus says hers ours theirs yours goes towards afterwards sometimes overseas
    news vs politics economics physics mathematics athletics gymnastics various previous
    serious famous religious dangerous whereas
    """
)


def singular(noun: str) -> str | None:
    """The lemma of a plural noun ("schools" → "school", "men" → "man"); None if it is none."""
    noun = noun.lower()
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if (
        len(noun) < 4
        or not noun.endswith("s")
        or noun.endswith(("ss", "us", "is"))
        or noun in _NOT_PLURAL
    ):
        return None
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "ches", "shes", "xes", "zzes", "oes")) and noun != "shoes":
        return noun[:-2]
    return noun[:-1]
