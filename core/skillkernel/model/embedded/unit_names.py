"""Units of measure under their English names, from what they are called in seven languages."""

import re

_NAMES: dict[str, str] = {
    "kilometer": "km kilometer kilometers kilometre kilometres kilometern kilomètre kilomètres kilómetro kilómetros chilometro chilometri quilômetro quilômetros quilómetros",
    "meter": "meter meters metre metres metern mètre mètres metro metros metri m",
    "centimeter": "cm centimeter centimeters centimetre centimetres zentimeter zentimetern centimètre centimètres centímetro centímetros centimetro centimetri",
    "millimeter": "mm millimeter millimeters millimetre millimètre millimètres milímetro milímetros millimetri",
    "mile": "mile miles mi meile meilen milla millas miglio miglia milha milhas mijl mijlen mille_anglais",
    "yard": "yard yards yd yarda yardas",
    "foot": "foot feet ft fuß fuss pied pieds pie pies piede piedi pé pés voet",
    "inch": "inch inches zoll pouce pouces pulgada pulgadas pollice pollici polegada polegadas",
    "kilogram": "kg kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos chilo chili chilogrammo chilogrammi quilo quilos quilograma quilogramas",
    "gram": "gram grams gramm gramme grammes gramo gramos grammo grammi grama gramas g",
    "pound": "pound pounds lb lbs pfund livre livres libra libras libbra libbre pond",
    "ounce": "ounce ounces oz unze unzen once onces onza onzas oncia once onça onças",
    "liter": "liter liters litre litres litern litro litros litri l",
    "milliliter": "ml milliliter milliliters millilitre millilitres mililitro mililitros millilitri",
    "gallon": "gallon gallons gallone gallonen galón galones galloni galão galões",
    "cup": "cup cups tasse tassen tasses taza tazas tazza tazze xícara xícaras kop koppen",
    "celsius": "celsius °c centigrade",
    "fahrenheit": "fahrenheit °f",
    "kelvin": "kelvin",
    "second": "second seconds sekunde sekunden seconde secondes segundo segundos secondo secondi seconden",
    "minute": "minute minutes minuten minuto minutos minuti minuut",
    "hour": "hour hours stunde stunden heure heures hora horas ora ore uur uren",
    "day": "day days tag tage tagen jour jours día días giorno giorni dia dias dag dagen",
    "week": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken",
    "hectare": "hectare hectares hektar hectárea hectáreas ettaro ettari ha",
    "acre": "acre acres acri",
    "knot": "knot knots knoten nœud nœuds nudos nodi nós knopen",
    "kilometer per hour": "km/h kmh kph",
    "mile per hour": "mph",
    "joule": "joule joules",
    "calorie": "calorie calories kalorie kalorien caloría calorías caloria calorie",
    "kilowatt hour": "kwh",
    "watt": "watt watts",
    "bar": "bar",
    "psi": "psi",
    "byte": "byte bytes",
    "kilobyte": "kb kilobyte kilobytes",
    "megabyte": "mb megabyte megabytes",
    "gigabyte": "gb gigabyte gigabytes",
    "ton": "ton tons tonne tonnes tonnen tonnellate tonelada toneladas",
    "stone": "stone stones",
    "degree": "degree degrees grad degré degrés grado grados gradi grau graus graden",
}
_BY_NAME = {name.replace("_", " "): unit for unit, names in _NAMES.items() for name in names.split()}
_ANY = re.compile(
    r"(?<![^\W\d_])(?:" + "|".join(re.escape(name) for name in sorted(_BY_NAME, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)


def units_in(text: str) -> list[tuple[int, str]]:
    """Where each unit stands in `text`, and its English name; `degrees Celsius` is `celsius`."""
    found = [(match.start(), _BY_NAME[match.group().lower()]) for match in _ANY.finditer(text)]
    return [each for each in found if each[1] != "degree"] if len(found) > 2 else found
