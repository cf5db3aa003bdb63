"""What common options are called in seven languages: one line a concept, its English names among the words.

A word that ends in `*` stands for all that begin like it; `_` stands for a space.
"""

_LINES = """
living_room lounge sitting_room wohnzimmer* stube salon séjour sala_de_estar salón salotto soggiorno sala woonkamer
bedroom bed_room schlafzimmer* chambre chambre_à_coucher dormitorio habitación camera_da_letto camera quarto slaapkamer
kitchen küche* cuisine cocina cucina cozinha keuken
bathroom bath bad badezimmer* salle_de_bains salle_de_bain baño bagno banheiro casa_de_banho badkamer
hallway hall corridor flur diele gang couloir entrée pasillo corridoio ingresso corredor gang
office study büro* arbeitszimmer* bureau oficina despacho ufficio studio escritório kantoor werkkamer
garden yard backyard garten* jardin jardín giardino jardim tuin
garage carport cochera garaje
basement cellar keller* cave sótano cantina porão kelder
dining_room esszimmer* salle_à_manger comedor sala_da_pranzo sala_de_jantar eetkamer
nursery kids_room children's_room kinderzimmer* chambre_d'enfant cuarto_de_los_niños cameretta quarto_das_crianças kinderkamer
attic dachboden grenier desván soffitta sótão zolder
balcony terrace patio balkon terrasse balcón terraza balcone terrazza varanda terras
english englisch* anglais anglaise inglés inglese inglês engels englishman englishmen
german deutsch* deutschen allemand allemande alemán alemana tedesco tedesca alemão alemã duits germans
french französisch* français française francés francesa francese francês frans frenchman
spanish spanisch* espagnol espagnole español castellano spagnolo spagnola espanhol spaans spaniard spaniards
italian italienisch* italien italienne italiano italiana italiaans italians
portuguese portugiesisch* portugais portugaise portugués portoghese português portugees
dutch niederländisch* holländisch* néerlandais neerlandés holandés olandese neerlandês holandês nederlands
russian russisch* russe ruso russo
polish polnisch* polonais polaco polacco polonês pools
turkish türkisch* turc turco turks
chinese mandarin chinesisch* chinois chino cinese chinês chinees
japanese japanisch* japonais japonés giapponese japonês japans
arabic arabisch* arabe árabe arabo
korean koreanisch* coréen coreano koreaans
swedish schwedisch* suédois sueco svedese zweeds
greek griechisch* grec griego greco grego grieks
latin lateinisch* latein latín latino latijn
walking walk walks on_foot foot by_foot pedestrian zu_fuß zu_fuss laufen laufend à_pied marche a_pie andando caminando a_piedi camminando a_pé te_voet lopend lopen
cycling cycle bicycle bike biking mit_dem_fahrrad mit_dem_rad fahrrad rad à_vélo en_vélo vélo en_bicicleta en_bici bicicleta in_bicicletta in_bici bici bicicletta de_bicicleta fiets op_de_fiets met_de_fiets fietsen
driving drive driven car by_car auto mit_dem_auto fahren en_voiture voiture en_coche coche en_carro in_macchina in_auto macchina de_carro carro met_de_auto
transit public_transport public_transit by_bus by_train bus train tram subway underground mit_dem_zug mit_dem_bus mit_der_bahn bahn zug öffis öffentlichen en_train en_bus en_métro métro transports_en_commun en_tren tren en_autobús autobús en_metro in_treno treno in_autobus de_trem de_comboio de_ônibus de_autocarro met_de_trein trein met_het_ov openbaar_vervoer
bus by_bus autobus bussen autobús ônibus autocarro mit_dem_bus en_bus met_de_bus
train by_train rail zug bahn mit_dem_zug mit_der_bahn en_train tren treno in_treno trem comboio trein met_de_trein
high important urgent urgently asap top hoch hohe hoher hohen dringend* wichtig* haute élevée important importante urgente alta alto importante urgentemente hoge hoog belangrijk* spoed
low unimportant not_important niedrig* gering* unwichtig* basse faible baja bajo bassa basso baixa baixo lage laag
medium mid middling mittel mittlere* moyen moyenne media medio média médio gemiddeld
normal regular standard default
breakfast frühstück* petit_déjeuner petit-déjeuner desayuno desayuné colazione pequeno_almoço café_da_manhã ontbijt
lunch mittagessen mittag déjeuner almuerzo comida pranzo almoço lunch middageten
dinner supper abendessen abendbrot dîner diner cena jantar avondeten avondmaal
snack zwischenmahlzeit imbiss goûter merienda spuntino lanche tussendoortje
red rot rote* roten rouge rojo roja rosso rossa vermelho vermelha rood rode
green grün grüne* vert verte verde groen groene
blue blau blaue* bleu bleue azul blu blauw blauwe
yellow gelb gelbe* jaune amarillo amarilla giallo gialla amarelo amarela geel gele
white weiß weiss weiße* blanc blanche blanco blanca bianco bianca branco branca wit witte
black schwarz schwarze* noir noire negro negra nero nera preto preta zwart zwarte
orange naranja arancione laranja oranje
purple violet lila violett* violet morado viola roxo paars paarse
pink rosa rose roze
warm warmweiß warmweiss chaud cálido caldo quente
cold cool kalt* froid frío freddo frio koud
small klein kleine* petit petite pequeño pequeña piccolo piccola pequeno pequena kleine
large big groß* gross* grand grande grandes groot grote
daily every_day each_day day_by_day täglich jeden_tag tous_les_jours chaque_jour quotidien* cada_día todos_los_días diario diariamente ogni_giorno tutti_i_giorni ogni_giorno todos_os_dias cada_dia diariamente elke_dag dagelijks iedere_dag
weekdays weekday every_weekday every_workday workdays on_weekdays monday_to_friday werktags an_werktagen jeden_werktag wochentags unter_der_woche montag_bis_freitag en_semaine jours_ouvrés entre_semana días_laborables de_lunes_a_viernes giorni_feriali dal_lunedì_al_venerdì dias_úteis dias_de_semana doordeweeks op_werkdagen
weekends weekend every_weekend on_weekends jedes_wochenende am_wochenende le_week-end les_week-ends los_fines_de_semana fines_de_semana nel_weekend fine_settimana fins_de_semana in_het_weekend
weekly every_week each_week wöchentlich jede_woche toutes_les_semaines chaque_semaine hebdomadaire cada_semana todas_las_semanas semanal* ogni_settimana tutte_le_settimane settimanale todas_as_semanas elke_week wekelijks
monthly every_month each_month monatlich jeden_monat tous_les_mois chaque_mois mensuel* cada_mes todos_los_meses mensual* ogni_mese mensile todos_os_meses mensal* elke_maand maandelijks
yearly annually annual every_year each_year jährlich jedes_jahr tous_les_ans chaque_année annuel* cada_año todos_los_años anual* ogni_anno annuale todos_os_anos elk_jaar jaarlijks
hourly every_hour stündlich jede_stunde toutes_les_heures cada_hora ogni_ora a_cada_hora elk_uur
once einmal une_fois una_vez una_volta uma_vez eenmaal één_keer
subtract discount decrease reduce minus less off take_off lower reduction rabatt* nachlass abzüglich ermäßigung günstiger billiger weniger minus reduziert moins remise réduction rabais descuento rebaja menos sconto ribasso desconto menos korting afslag
add increase plus on_top tax vat tip surcharge raise markup mehrwertsteuer mwst trinkgeld aufschlag zuzüglich plus mehr drauf aufschlagen tva taxe pourboire plus augmente propina iva impuesto más aumenta iva mancia più aumento gorjeta imposto mais btw fooi erbij
up louder higher lauter höher plus_fort monte sube más_alto alza più_alto aumenta mais_alto harder omhoog
down quieter lower softer leiser niedriger runter moins_fort baisse baja más_bajo abbassa più_basso baixa mais_baixo zachter omlaag
pause pausiere pausieren anhalten pausa pausar metti_in_pausa pauzeer
stop stopp stoppe arrête arrêter detén para ferma pare stop
play resume continue spiel* abspielen weiter joue lecture reproduce toca reproducir riproduci suona tocar speel
next skip nächste* nächstes überspringen weiter suivant suivante siguiente próxima prossimo prossima próximo volgende overslaan
previous last_one back vorherige* zurück précédent précédente anterior precedente vorige terug
open öffne* öffnen aufmachen ouvre ouvrir abre abrir apri aprire open openen
closed close shut schließ* schliess* zumachen ferme fermer cierra cerrar chiudi chiudere fecha fechar sluit dicht
lock locked abschließen abschliess* verriegel* sperr* verrouille bloquea cierra_con_llave blocca chiudi_a_chiave tranca vergrendel
done completed complete finished erledigt* fertig terminé* fait hecho hechas terminado completad* fatto completat* feito concluíd* klaar voltooid afgerond
shuffle random randomly shuffled zufällig* zufallswiedergabe zufallsmodus gemischt aléatoire* hasard aleatorio aleatoria casuale aleatório aleatória willekeurig door_elkaar
urgent urgently asap dringend eilig urgente urgentemente spoed
public publicly öffentlich* publique público pública pubblico pubblica openbaar
private privately privat privé* privado privada privato privata
all_day whole_day entire_day 全天 終日 하루종일 ganztägig den_ganzen_tag toute_la_journée todo_el_día tutto_il_giorno o_dia_todo o_dia_inteiro hele_dag
metric metrisch métrique métrico metrico
imperial imperial impérial imperiale
song track lied titel chanson morceau canción canzone brano canção música nummer liedje
album platte álbum
artist band singer künstler* sänger* artiste groupe artista cantante
playlist wiedergabeliste liste_de_lecture lista_de_reproducción afspeellijst
news nachrichten actualités noticias notizie notícias nieuws
heat heating heizen heizung chauffage chauffer calefacción calor riscaldamento aquecimento verwarming verwarmen
cool cooling kühlen kühlung climatisation refroidir enfriar aire raffreddamento resfriar koelen
eco economy saving sparmodus spar économie ahorro risparmio economia zuinig
food groceries eating lebensmittel essen nourriture courses comida alimentación cibo spesa comida boodschappen eten
transport transportation travel taxi bus fahrt verkehr transport transporte trasporti vervoer
work business job arbeit beruflich* geschäft* travail trabajo lavoro trabalho werk
home house zuhause privat* maison casa thuis huis
mobile cell handy mobil* portable móvil cellulare celular telemóvel mobiel
address adresse anschrift dirección indirizzo endereço morada adres
phone telephone phone_number number telefon* nummer numéro téléphone teléfono número telefono numero telefone telefoonnummer
email e-mail mail mailadresse courriel correo posta_elettronica
birthday birth_date geburtstag* anniversaire cumpleaños compleanno aniversário verjaardag
monday montag* lundi lunes lunedì segunda segunda-feira maandag mondays
tuesday dienstag* mardi martes martedì terça terça-feira dinsdag tuesdays
wednesday mittwoch* mercredi miércoles mercoledì quarta quarta-feira woensdag wednesdays
thursday donnerstag* jeudi jueves giovedì quinta quinta-feira donderdag thursdays
friday freitag* vendredi viernes venerdì sexta sexta-feira vrijdag fridays
saturday samstag* sonnabend samedi sábado sabato zaterdag saturdays
sunday sonntag* dimanche domingo domenica zondag sundays
"""
_CONCEPTS = tuple(
    tuple(word.replace("_", " ").lower() for word in line.split()) for line in _LINES.strip().splitlines()
)
_OF_WORD = {word: frozenset(words) for words in reversed(_CONCEPTS) for word in words} | {
    words[0]: frozenset(words) for words in reversed(_CONCEPTS)
}


def words_for(option: str) -> frozenset[str]:
    """Everything that `option` (lower case, apart by spaces) is called, itself among it."""
    return _OF_WORD.get(option, frozenset()) | {option}


ROOMS = tuple(words[0] for words in _CONCEPTS[:14])

LANGUAGE_CODES = dict(
    zip(
        ["en", "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "tr", "zh", "ja", "ar", "ko", "sv", "el", "la"],
        [
            "english",
            "german",
            "french",
            "spanish",
            "italian",
            "portuguese",
            "dutch",
            "russian",
            "polish",
            "turkish",
            "chinese",
            "japanese",
            "arabic",
            "korean",
            "swedish",
            "greek",
            "latin",
        ],
        strict=True,
    )
)

OFF = frozenset(
    [
        "off",
        "kill",
        "disable",
        "deactivate",
        "unplug",
        "aus",
        "ausschalten",
        "ausmachen",
        "abschalten",
        "deaktiviere",
        "deaktivieren",
        "éteins",
        "éteindre",
        "éteignez",
        "désactive",
        "désactiver",
        "coupe",
        "apaga",
        "apagar",
        "desactiva",
        "spegni",
        "spegnere",
        "disattiva",
        "desliga",
        "desligar",
        "desligue",
        "apague",
        "desativa",
        "uit",
        "uitschakelen",
        "uitzetten",
        "släck",
        "wyłącz",
        "zgaś",
        "kapat",
    ]
)
ON = frozenset(
    [
        "on",
        "enable",
        "activate",
        "an",
        "ein",
        "einschalten",
        "anschalten",
        "anmachen",
        "aktiviere",
        "aktivieren",
        "allume",
        "allumer",
        "allumez",
        "active",
        "activer",
        "enciende",
        "encender",
        "prende",
        "activa",
        "accendi",
        "accendere",
        "attiva",
        "liga",
        "ligar",
        "ligue",
        "acende",
        "acender",
        "acenda",
        "ativa",
        "aan",
        "aanzetten",
        "inschakelen",
        "tänd",
        "włącz",
        "zapal",
        "aç",
    ]
)
"""What switches things; `aus` and `an` also stand for other things, so these only count for what can be switched."""
