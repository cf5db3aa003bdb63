"""Signs that a request is to be answered by talking."""

import pytest

from skillkernel.model.embedded.small_talk import chatty


@pytest.mark.parametrize(
    "text",
    [
        "Jazz is my favourite kind of music",
        "I love calendars",
        "Why do alarms make people anxious?",
        "What's the difference between weather and climate?",
        "Do you think I should learn to cook?",
        "That meeting was a waste of time.",
        "My neighbour's dog barks all night.",
        "How are timers used in electronics?",
        "Wer hat das Radio erfunden?",
        "Je trouve que les maths sont ennuyeuses",
        "Me gusta el jazz",
        "Che differenza c'è tra un lago e uno stagno?",
        "Ik vind dat mooi",
    ],
)
def test_opinions_statements_and_questions_about_the_world_are_talk(text: str) -> None:
    assert chatty(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        "Add lunch with Sam tomorrow at 12",
        "I'd like to hear some jazz",
        "It's too dark in here, turn the lights on",
        "What's the weather like in Rome?",
        "Wie wird das Wetter morgen?",
        "J'aimerais un rendez-vous lundi",
        "When is my next appointment?",
    ],
)
def test_commands_and_questions_about_ones_own_things_are_not(text: str) -> None:
    assert chatty(text) == 0
