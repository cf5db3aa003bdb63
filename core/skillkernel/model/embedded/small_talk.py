"""What is answered by talking: requests that sound like it, and the shapes of opinions and questions about the world."""

import re

SMALL_TALK = (
    "Hello, how are you?",
    "Good morning!",
    "Thank you very much, that helped",
    "Tell me a funny story",
    "Write a short poem about spring",
    "What is the capital of Japan?",
    "How many people live in that country?",
    "Who invented the telephone?",
    "Who painted this famous picture?",
    "Who won the championship that year?",
    "Explain how photosynthesis works",
    "Why do leaves change their colour?",
    "What is the difference between a frog and a toad?",
    "What can you do? Who are you?",
    "What's your name?",
    "I feel sad today",
    "I love this kind of thing",
    "I had a lot to do last year",
    "That is my favourite one, honestly",
    "You are very good at this",
    "How do I learn to play the guitar?",
    "Do you think I should change my job?",
    "Do you like living in a city?",
    "I don't like getting up early",
    "It was a beautiful evening",
    "Hallo, wie geht es dir?",
    "Vielen Dank!",
    "Erzähl mir einen Witz",
    "Wer hat das Buch geschrieben?",
    "Ich finde das ziemlich langweilig",
    "Bonjour, comment ça va ?",
    "Merci beaucoup",
    "Raconte-moi une blague",
    "Je trouve ça très intéressant",
    "Hola, ¿qué tal?",
    "¿Quién escribió ese libro?",
    "Me gusta mucho esa película",
    "Ciao, come va?",
    "Qual è la montagna più alta del mondo?",
    "Secondo me è una bella idea",
    "Olá, tudo bem?",
    "Qual é a capital do país?",
    "Acho que isso é muito bonito",
    "Hallo, hoe gaat het?",
    "Leg me uit hoe een motor werkt",
    "Ik vind dat erg mooi",
)
"""What sounds more like these than like any tool's examples is left alone."""

_OPINION = re.compile(
    r"\b(?:i (?:really |just |also )?(?:think|guess|believe|love|like|hate|dislike|prefer|feel|wonder|miss|enjoy)|"
    r"i (?:don't|do not|never|can't stand|used to)|favou?rite|in my opinion|do you (?:like|think|know|believe|ever|have)|"
    r"are you|you(?:'re| are)|should i|"
    r"ich (?:finde|liebe|mag|hasse|glaube|denke|fühle)|lieblings\w*|meiner meinung|findest du|magst du|glaubst du|bist du|du bist|"
    r"je (?:trouve|pense|crois|déteste|préfère)|j'(?:adore|aime)|à mon avis|tu (?:es|penses|aimes|crois)|préférée?|"
    r"me (?:gusta|encanta|gustan|encantan)|(?:yo )?(?:creo|pienso|odio) que|favorit[oa]|te gusta|eres|"
    r"mi (?:piace|piacciono)|(?:penso|credo) che|secondo me|adoro|preferit[oa]|ti piace|"
    r"(?:eu )?(?:acho|penso) que|gosto d[eoa]|adoro|você (?:gosta|acha)|prefirid[oa]|"
    r"ik (?:vind|hou van|haat|denk|geloof)|lievelings\w*|favoriete|vind je|ben je|je bent)(?!\w)",
    re.IGNORECASE,
)
_WORLD = re.compile(
    r"^\W*(?:why|warum|wieso|weshalb|pourquoi|por qu[eé]|perch[eé]|waarom)(?!\w)|"
    r"\b(?:(?:differences?|unterschied\w*|différences?|diferenc?i?as?|differenz[ae]|diferenças?|verschil)\b.{0,20}"
    r"\b(?:between|zwischen|entre|tra|fra|tussen)|invented|discovered|wrote|painted|composed|erfunden|erfand|geschrieben|gemalt|schrieb|"
    r"inventé|écrit|peint|inventó|escribió|pintó|inventato|scritto|dipinto|inventou|escreveu|pintou|uitgevonden|geschreven|"
    r"capital of|hauptstadt|capitale d|capital de|hoofdstad|inhabitants|einwohner|habitants|habitantes|abitanti|inwoners)"
    r"(?!\w)|^\W*how\b.*\b(?:work|works|working|used|made|built|formed)\b",
    re.IGNORECASE,
)
_WISH = re.compile(r"\bi(?:'d| would) (?:like|love|prefer)\b", re.IGNORECASE)


_TELLING = re.compile(
    r"^\W*(?:my|that|this|those|these|it|he|she|they|his|her|our|mein\w*|das|dies\w*|er|sie|es|unser\w*|mon|ma|mes|ce|cette|ça|c'est|il|elle|"
    r"mi|mis|ese|esa|eso|este|esta|él|ella|mio|mia|questo|questa|lui|lei|meu|minha|esse|essa|isso|ele|ela|mijn|dit|dat|hij|zij)\b"
    r"(?!.*(?:\?|\b(?:please|bitte|s'il|por favor|per favore|alsjeblieft|add|put|set|note|remind|turn|switch)\b))",
    re.IGNORECASE | re.DOTALL,
)


def chatty(text: str) -> int:
    """How many signs there are that a request tells something or asks about the world."""
    opinion = bool(_OPINION.search(_WISH.sub("", text)))
    return opinion + bool(_WORLD.search(text)) + bool(_TELLING.search(text))
