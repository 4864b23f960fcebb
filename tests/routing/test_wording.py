"""The clinical truth of prompts: what the shipped ones say, and what the check refuses, in both languages."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call_flow.phrases import Phrase
from ivr.call_flow.spoken import spoken_seconds
from ivr.routing.problems import Problem
from ivr.routing.wording import wording_problems
from ivr.routing.wording_patterns import Lists, Text, book, ends
from ivr.routing.wording_text import normal_words

CONFIG = Path(__file__).parents[2] / "config"
LANGUAGES = ("en-US", "es-US")
MOST_SECONDS = 20
MOST_WORDS = 50  # the same at 150 words a minute, pauses left out

Prompts = Mapping[str, Mapping[str, str]]


def read(name: str) -> dict[str, Any]:
    loaded = yaml.load((CONFIG / name).read_text("utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(loaded, dict)
    return loaded


def place(language: str, prompt: str) -> tuple[str, int]:
    return f"config/prompts/{language}.yaml", 7


def check(
    prompts: Prompts, topics: Mapping[str, Sequence[str]] | None = None, mailboxes: Sequence[str] = ()
) -> list[Problem]:
    return list(wording_problems(prompts, topics or {}, place, mailboxes))


def faults(language: str, sentence: str, name: str = "announcement") -> list[str]:
    return [problem.sentence for problem in check({language: {name: sentence}})]


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[str, str]]:
    return {language: read(f"prompts/{language}.yaml")["prompts"] for language in LANGUAGES}


@pytest.fixture(scope="module")
def topics() -> dict[str, list[str]]:
    return {name: topic["parts"] for name, topic in read("menus.yaml")["information"].items()}


# The shipped prompts. -------------------------------------------------------------------------------------------------


def test_the_shipped_prompts_keep_every_rule(shipped: dict[str, dict[str, str]], topics: dict[str, list[str]]) -> None:
    assert check(shipped, topics) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_the_engine_has_a_sentence(shipped: dict[str, dict[str, str]], language: str) -> None:
    assert {phrase.value for phrase in Phrase} - shipped[language].keys() == set()
    assert all(sentence.strip() for sentence in shipped[language].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_that_the_configuration_names_has_a_sentence(
    shipped: dict[str, dict[str, str]], language: str
) -> None:
    menus, clinic = read("menus.yaml"), read("clinic.yaml")
    named = {part for topic in menus["information"].values() for part in topic["parts"]}
    named |= {menu["greeting"] for menu in menus["menus"].values()}
    named |= {key["label"] for menu in menus["menus"].values() for key in menu["keys"].values()}
    named |= {mailbox["greeting"] for mailbox in clinic["mailboxes"].values()}
    assert named - shipped[language].keys() == set()


def test_both_languages_hold_the_same_prompts_and_names(shipped: dict[str, dict[str, str]]) -> None:
    assert list(shipped["en-US"]) == list(shipped["es-US"])
    assert list(read("prompts/en-US.yaml")["names"]) == list(read("prompts/es-US.yaml")["names"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_holiday_and_closure_has_a_spoken_name(language: str) -> None:
    clinic = read("clinic.yaml")
    named = {*clinic["holidays"], *(closure["name"] for closure in clinic["closures"])}
    assert named - read(f"prompts/{language}.yaml")["names"].keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_a_topic_takes_at_most_20_spoken_seconds(
    shipped: dict[str, dict[str, str]], topics: dict[str, list[str]], language: str
) -> None:
    texts = {part: shipped[language][part] for parts in topics.values() for part in parts}
    assert {part for part, text in texts.items() if len(text.split()) > MOST_WORDS} == set()
    assert {part for part, text in texts.items() if spoken_seconds(text) > MOST_SECONDS} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_fragments_without_a_key(shipped: dict[str, dict[str, str]], language: str) -> None:
    labels = {name: text for name, text in shipped[language].items() if name.startswith(("for_", "to_"))}
    sentences = {"to_a_person"}
    keyed = {"press", "key", "oprima", "presione", "marque", "tecla"}
    for name in labels.keys() - sentences:
        assert not labels[name].endswith((".", ",", "?")), name
        assert not keyed & set(normal_words(labels[name])), name


# What every topic must say. -------------------------------------------------------------------------------------------

MUST_SAY = {
    "en-US": {
        "general": "This is general information, not medical advice.",
        "approval": "The FDA has approved ketamine only as an anesthetic.",
        "off_label": "Other uses are called off-label.",
        "clinician": "A clinician must decide whether it is right for you.",
        "limits": "Not everyone responds, effects may not last, and there are risks.",
        "young": "Research under 18 is early. A specialist and a parent or guardian must take part.",
    },
    "es-US": {
        "general": "Esta es información general, no un consejo médico.",
        "approval": "La FDA ha aprobado la ketamina solo como anestésico.",
        "off_label": "Los demás usos se llaman usos fuera de etiqueta.",
        "clinician": "Un profesional médico debe decidir si es adecuada para usted.",
        "limits": "No todas las personas responden, los efectos pueden no durar y hay riesgos.",
        "young": "En menores de 18 años hay pocos estudios. Deben participar un especialista y los padres.",
    },
}
MEANING = {
    "general": "general information",
    "approval": "approved ketamine only",
    "off_label": "off-label",
    "clinician": "clinician must decide",
    "limits": "not everyone responds",
    "young": "under 18",
}
OWED = {
    "depression": ("general", "approval", "off_label", "clinician", "limits"),
    "chronic_pain": ("general", "approval", "off_label", "clinician", "limits"),
    "history": ("general", "approval", "off_label", "clinician"),
    "young_people": ("general", "approval", "off_label", "clinician", "young"),
    "anesthetic": ("general", "approval", "clinician"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", OWED)
def test_a_topic_that_says_what_it_owes_passes(language: str, topic: str) -> None:
    parts = {statement: MUST_SAY[language][statement] for statement in OWED[topic]}
    assert check({language: parts}, {topic: list(parts)}) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("topic", "dropped"), [(topic, each) for topic, owed in OWED.items() for each in owed])
def test_each_statement_left_out_is_named_alone(language: str, topic: str, dropped: str) -> None:
    parts = {statement: MUST_SAY[language][statement] for statement in OWED[topic] if statement != dropped}
    (problem,) = check({language: parts}, {topic: list(parts)})
    first = next(iter(parts))
    assert (problem.file, problem.line, problem.path) == (*place(language, first), ("prompts", first))
    assert problem.sentence.startswith(f'the topic "{topic}" does not say that ')
    assert MEANING[dropped] in problem.sentence
    assert problem.cure
    assert not problem.warning


def fragments_of_duty(topic: str) -> list[tuple[str, str, str]]:
    """(language, words to take out of the shipped topic, what is then missed)."""
    english = [
        ("This is general information, not medical advice.", "general"),
        ("not medical advice", "general"),
        ("The FDA has approved ketamine only as an anesthetic.", "approval"),
        ("only as an anesthetic", "approval"),
        ("A clinician must decide", "clinician"),
    ]
    spanish = [
        ("Esta es información general, no un consejo médico.", "general"),
        ("no un consejo médico", "general"),
        ("La FDA ha aprobado la ketamina solo como anestésico.", "approval"),
        ("solo como anestésico", "approval"),
        ("Un profesional médico debe decidir", "clinician"),
    ]
    if topic != "anesthetic":
        english += [("Other uses are called off-label.", "off_label"), ("Not everyone responds,", "limits")]
        english += [("effects may not last,", "limits"), ("and there are risks.", "limits")]
        spanish += [("Los demás usos se llaman usos fuera de etiqueta.", "off_label")]
        spanish += [("No todas las personas responden,", "limits"), ("los efectos pueden no durar", "limits")]
        spanish += [("y hay riesgos.", "limits")]
    if topic == "young_people":
        english += [
            ("is early, and the studies are small", "young"),
            ("a specialist such as a child psychiatrist", "young"),
        ]
        english += [("a parent or guardian", "young")]
        spanish += [("los estudios son iniciales y pequeños", "young"), ("los padres o un tutor", "young")]
        spanish += [("un especialista, como un psiquiatra infantil,", "young")]
    return [("en-US", words, missed) for words, missed in english] + [
        ("es-US", words, missed) for words, missed in spanish
    ]


@pytest.mark.parametrize(
    "topic", ["depression", "chronic_pain", "acute_pain", "young_people", "how_it_works", "anesthetic"]
)
def test_every_duty_taken_out_of_a_shipped_topic_is_missed(
    shipped: dict[str, dict[str, str]], topics: dict[str, list[str]], topic: str
) -> None:
    for language, words, missed in fragments_of_duty(topic):
        texts = {part: shipped[language][part] for part in topics[topic]}
        without = {part: " ".join(text.replace(words, "").split()) for part, text in texts.items()}
        # Other sentences about risks would stand in for the one that is taken out.
        if "risks" in words or "riesgos" in words:
            without = {
                part: text.replace("risks", "effects").replace("riesgos", "efectos") for part, text in without.items()
            }
        if missed == "off_label":  # chronic_pain goes on to explain the word
            without = {part: text.replace("Off-label means that", "That is,") for part, text in without.items()}
        assert without != texts, (language, words)
        found = [problem.sentence for problem in check({language: without}, {topic: topics[topic]})]
        assert any(MEANING[missed] in sentence for sentence in found), (language, words, found)


@pytest.mark.parametrize(
    ("language", "statement", "sentence"),
    [
        ("en-US", "general", "What you hear is general information. It is not medical advice."),
        ("en-US", "general", "This is general information and does not replace medical advice; not a doctor's advice."),
        ("en-US", "approval", "Ketamine is approved by the FDA only for anesthesia."),
        ("en-US", "approval", "The FDA approved ketamine as an anesthetic only."),
        ("en-US", "approval", "The only use the FDA has approved is as an anaesthetic."),
        ("en-US", "approval", "The F.D.A. has approved ketamine solely for use in anesthesia."),
        ("en-US", "approval", "The Food and Drug Administration has approved it only as an anesthetic."),
        ("en-US", "off_label", "Any other use is off label."),
        ("en-US", "clinician", "Only a doctor can decide if it is right for you."),
        ("en-US", "clinician", "Your clinician decides whether this is suitable for you."),
        ("en-US", "limits", "It does not work for everyone. Effects can fade. There are risks."),
        ("es-US", "general", "Lo que oye es información general. No es un consejo médico."),
        ("es-US", "general", "ESTA ES INFORMACION GENERAL, NO UN CONSEJO MEDICO."),
        ("es-US", "general", "Esta información es de carácter general y no reemplaza el consejo de su médico."),
        ("es-US", "approval", "La FDA aprobó la ketamina únicamente como anestésico."),
        ("es-US", "approval", "La ketamina está aprobada por la FDA solamente para anestesia."),
        ("es-US", "off_label", "Otros usos están fuera de indicación."),
        ("es-US", "clinician", "Solo un médico puede determinar si es apropiado para usted."),
        ("es-US", "limits", "No funciona para todos. Los efectos pueden desaparecer. Existen riesgos."),
    ],
)
def test_a_clinic_may_word_a_statement_its_own_way(language: str, statement: str, sentence: str) -> None:
    parts = {each: MUST_SAY[language][each] for each in OWED["depression"]} | {statement: sentence}
    assert check({language: parts}, {"depression": list(parts)}) == []


@pytest.mark.parametrize(
    ("language", "statement", "sentence"),
    [
        ("en-US", "general", "This is not general information, it is medical advice."),
        ("en-US", "general", "This is general information, not only medical advice."),
        ("en-US", "approval", "The FDA has approved ketamine as an anesthetic."),
        ("en-US", "approval", "The FDA has approved ketamine not only as an anesthetic."),
        ("en-US", "approval", "The FDA has not approved ketamine only as an anesthetic."),
        ("en-US", "off_label", "Other uses are not off-label."),
        ("en-US", "clinician", "No clinician must decide whether it is right for you."),
        ("en-US", "clinician", "You can decide whether it is right for you."),
        ("en-US", "limits", "Everyone responds, effects may not last, and there are risks."),
        ("en-US", "limits", "Not everyone responds, effects last, and there are risks."),
        ("en-US", "limits", "Not everyone responds, and effects may not last."),
        ("es-US", "general", "Esta información no es un secreto."),
        ("es-US", "approval", "La FDA ha aprobado la ketamina como anestésico."),
        ("es-US", "approval", "La FDA ha aprobado la ketamina no solo como anestésico."),
        ("es-US", "off_label", "Los demás usos no están fuera de etiqueta."),
        ("es-US", "clinician", "Usted decide si es adecuada para usted."),
        ("es-US", "limits", "Todas las personas responden, los efectos pueden no durar y hay riesgos."),
        ("es-US", "limits", "No todas las personas responden, los efectos duran y hay riesgos."),
        ("es-US", "limits", "No todas las personas responden y los efectos pueden no durar."),
    ],
)
def test_a_statement_turned_round_does_not_count(language: str, statement: str, sentence: str) -> None:
    parts = {each: MUST_SAY[language][each] for each in OWED["depression"]} | {statement: sentence}
    found = [problem.sentence for problem in check({language: parts}, {"depression": list(parts)})]
    assert any(MEANING[statement] in each for each in found), found


@pytest.mark.parametrize(
    ("language", "remark", "missed"),
    [
        ("en-US", "Some people feel less pain.", "limits"),
        ("en-US", "It may affect your mood.", "limits"),
        ("en-US", "Teenagers may ask as well.", "young"),
        ("en-US", "Ask us about your child.", "young"),
        ("es-US", "Algunas personas sienten menos dolor.", "limits"),
        ("es-US", "Puede influir en el ánimo.", "limits"),
        ("es-US", "También pueden preguntar los adolescentes.", "young"),
        ("es-US", "Pregunte por sus niños.", "young"),
    ],
)
def test_what_a_text_speaks_of_decides_what_it_owes(language: str, remark: str, missed: str) -> None:
    parts = {each: MUST_SAY[language][each] for each in OWED["history"]} | {"remark": remark}
    (problem,) = check({language: parts}, {"history": list(parts)})
    assert MEANING[missed] in problem.sentence


def test_a_topic_whose_part_has_no_text_is_left_to_the_check_of_prompts() -> None:
    assert check({"en-US": {"a_1": "Hello."}}, {"a": ["a_1", "a_2"], "b": []}) == []


# What no prompt may say. ----------------------------------------------------------------------------------------------

FORBIDDEN = {
    "en-US": """
        Ketamine is safe.
        It can be used safely.
        It is safer than other medicines.
        A safe-but-powerful drug
        It has no side effects.
        It is risk-free.
        There is no risk.
        A treatment without any risk.
        It does not affect your breathing.
        It is a proven treatment.
        It was proved in trials.
        It cures depression.
        It is not a cure.
        People were cured.
        It is curative.
        It is a miracle.
        Relief is guaranteed.
        We guarantee results.
        We promise relief.
        You will feel better.
        You'll get better.
        Ketamine will help you.
        It is highly effective.
        Feel better within hours.
        It works in just a few hours.
        It prevents opioid tolerance.
        It builds new neural pathways.
        It is non-addictive.
        It is nonaddictive.
        It is not addictive.
        It is not habit-forming.
        It does not cause addiction.
        Up to 70% respond.
        Up to 70 percent respond.
        Up to seventy per cent respond.
        Seven out of ten people respond.
        7 in 10 people respond.
        Two-thirds of people respond.
        ⅔ of people respond.
        One third of patients did not respond.
        Half of patients respond.
        Most people feel better.
        It works when others fail.
        It works when other treatments have failed.
        For when nothing else works
        It is more effective than other treatment.
        It is stronger than other pain medicine.
        It replaces your medicine.
        It is not like Prozac.
        It works better than morphine.
        Esketamine is approved.
        Ask us about Spravato.
        The NIH says so.
        An N.I.H. report says so.
        The National Institutes of Health agree.
        It is the preferred battlefield anesthetic.
        It was first used in Vietnam.
        It is FDA-approved for depression.
        The FDA has approved ketamine for chronic pain.
        Approved by the FDA for teenagers
        It is approved for adolescents.
        The FDA approved it to treat anxiety.
        It is not only approved as an anesthetic but for depression.
        The FDA has approved ketamine only as an anesthetic and now for depression.
        No worries, it is approved for depression.
        A depression treatment approved by the FDA
        An FDA-approved therapy
        Ketamine is FDA-approved.
        It is approved by the FDA, and we offer it.
        It helps with sprains.
        It helps with a broken bone.
        It helps with ear infections.
        It helps with arthritis.
        It helps with migraines and fibromyalgia.
        The dose is low.
        You get 0.5 mg.
        You get 50mg.
        You get forty milligrams.
        You need six infusions.
        Six to eight ketamine infusions are usual.
        After 3 sessions people go home.
        A single infusion is enough.
        It costs 400.
        It costs $400.
        Four hundred dollars a visit
        Ask about our prices.
        We take your insurance.
        Medicare pays for it.
        Ask for a free consultation.
        Stop taking your medicine.
        You can stop your antidepressants.
        Why not stop your pills?
        You will not need your medication.
        Come off your meds.
        Hear our success stories.
        It changed my life.
        Our patients say it helped.
        It worked for me.
        We will call 911 for you.
        We'll call 911.
        Our staff will contact the police.
        I am connecting you to 988.
        We can connect you with nine eight eight.
        You will be transferred to the suicide hotline.
        For the crisis line press one for 988.
        Press 3 for 988.
        Press three.
        Call 1-800-273-8255.
        She committed suicide.
        Tell us about your symptoms.
        What are your symptoms?
        Are you feeling suicidal?
        Ketamine is ＳＡＦＥ.
        Ketamine is sa\u200bfe.
        Ketamine is sa\u00adfe.
        Ketamine is sa-fe.
        Ketamine is s a f e.
        Ketamine is S.A.F.E.
        Ketamine is sáfe.
        Ketamine is *safe*.
        Two\u2011thirds of people respond.
        It works   when\u00a0others  fail.
        Ketamine is s\u0430fe.
    """,
    "es-US": """
        La ketamina es segura.
        Es un tratamiento seguro.
        Es más segura que otras medicinas.
        Es inofensiva.
        No tiene efectos secundarios.
        No hay ningún riesgo.
        Un tratamiento sin riesgos.
        No afecta la respiración.
        Es un tratamiento probado.
        Está comprobado.
        Se ha probado que ayuda.
        Está demostrada su eficacia.
        Cura la depresión.
        No es una cura.
        Muchos se han curado.
        Es curativa.
        Es un milagro.
        Es milagrosa.
        El alivio está garantizado.
        Le garantizamos resultados.
        Hay garantia.
        Le prometemos alivio.
        Se sentirá mejor.
        La ketamina le ayudará.
        Es muy eficaz.
        Funciona en pocas horas.
        Alivio inmediato
        No es adictiva.
        No causa adicción.
        Sin riesgo de adicción
        El 70% responde.
        El setenta por ciento responde.
        Siete de cada diez personas responden.
        Dos tercios responden.
        Las dos terceras partes responden.
        La mitad de los pacientes responde.
        La mayoría de las personas mejora.
        Funciona cuando otros fallan.
        Funciona cuando todo lo demás fracasa.
        Cuando nada más funciona
        Es mejor que otras medicinas.
        Es más efectiva que otras.
        Reemplaza sus medicamentos.
        No es como la morfina.
        Pregunte por la esketamina.
        Pregunte por Spravato.
        Según los NIH
        Según los Institutos Nacionales de Salud
        Es el anestésico preferido en el campo de batalla.
        Está aprobada por la FDA para la depresión.
        La FDA aprobó la ketamina para el dolor.
        Es aprobada para adolescentes.
        No solo está aprobada como anestésico sino para la depresión.
        No se preocupe, está aprobada para la depresión.
        La FDA ha aprobado la ketamina solo como anestésico y ahora para la depresión.
        Un tratamiento aprobado por la FDA
        La ketamina está aprobada por la FDA.
        Ayuda con esguinces.
        Ayuda con huesos rotos.
        Ayuda con infecciones del oído.
        Ayuda con la artritis.
        Ayuda con migrañas.
        La dosis es baja.
        Recibe 50 miligramos.
        Recibe 50mg.
        Necesita seis infusiones.
        Son de seis a ocho sesiones.
        Con una sola infusión basta.
        Cuesta 400.
        Son $400.
        Son cuatrocientos dólares.
        Pregunte por los precios.
        Aceptamos su seguro médico.
        Aceptamos su aseguranza.
        La consulta gratis
        Deje de tomar su medicina.
        Puede dejar sus antidepresivos.
        Suspenda sus medicamentos.
        Ya no necesitará sus pastillas.
        Escuche los testimonios.
        Me cambió la vida.
        Nuestros pacientes dicen que ayuda.
        Llamaremos al 911 por usted.
        Vamos a llamar a la policía.
        Le estamos comunicando con el 988.
        Vamos a conectarle con el nueve ocho ocho.
        Oprima el 3 para el 988.
        Marque tres.
        Llame al 1-800-273-8255.
        Cometió suicidio.
        Díganos sus síntomas.
        ¿Cuáles son sus síntomas?
        ¿Está pensando en morir?
        La ketamina es ＳＥＧＵＲＡ.
        La ketamina es se\u200bgura.
        La ketamina es s e g u r a.
        La ketamina es se-gura.
        La ketamina es ségura.
        Funciona   cuando\u00a0otros  fallan.
        La ketamina es s\u0435gura.
    """,
}
INNOCENT = {
    "en-US": """
        The FDA has approved ketamine only as an anesthetic.
        The FDA has approved ketamine only as an anesthetic and its use for pain is off-label.
        Ketamine is not approved for depression or any other mental health condition.
        The FDA has not approved ketamine for depression, pain or teenagers.
        It is used without approval for pain.
        Only its use as an anesthetic is FDA-approved.
        It is not approved by the FDA.
        Ketamine is an FDA-approved anesthetic.
        For billing and records
        Most of our staff speak Spanish.
        You may park in front, two spaces are free.
        No treatment is without risks.
        Ketamine has been used as an anesthetic since 1970.
        Military medicine also uses it for pain.
        Research suggests that it may affect mood.
        The evidence differs by condition and is limited.
        This can be addictive, and misuse is a risk.
        Do not stop any medicine without asking your own clinician.
        Never suddenly stop taking your medicine.
        Your data is kept secure.
        We safeguard what you tell us.
        It is unsafe to drive.
        An obscure word, a manicure, to procure
        We would like to improve.
        For your safety, hang up and dial 911.
        If this is an emergency, hang up and dial 911. For crisis support, call or text 988.
        We ask that you hang up and call 911.
        You can call or text 988 at any time.
        We can call you back at the number ending in
        A person will help you.
        For billing questions
        For our Scottsdale location
        Open from 8 to 12, and from 1 to 5.
        Our clinic is open two mornings.
        One treatment option among others
        We are connecting you to the clinic.
        The pound key ends your message.
        To take this call, press any key.
        Feel free to ask.
        We are closed for staff training, painting and Thanksgiving Day.
        Please let us know your name and your number.
        Ask your clinician about your medicines.
        Take your time.
        Suite 300, third floor
    """,
    "es-US": """
        La FDA ha aprobado la ketamina solo como anestésico.
        La FDA ha aprobado la ketamina solo como anestésico y su uso para el dolor está fuera de etiqueta.
        No está aprobada para la depresión ni para otro trastorno mental.
        La FDA no ha aprobado la ketamina para la depresión, el dolor ni los adolescentes.
        Solo su uso como anestésico está aprobado por la FDA.
        No está aprobada por la FDA.
        Hable con su médico si está embarazada.
        Ningún tratamiento está libre de riesgos.
        No hay tratamiento sin riesgos.
        La ketamina se usa como anestésico desde 1970.
        La evidencia es limitada.
        Puede causar adicción.
        No deje de tomar ningún medicamento sin hablar con su médico.
        Nunca suspenda sus medicinas por su cuenta.
        Si no está seguro de qué opción necesita, espere.
        Si usted no está segura, espere.
        Asegúrese de tener su número a mano.
        Seguramente mañana
        Si ya ha probado otros tratamientos, díganos su nombre.
        Una palabra oscura, un curso, una persona curiosa
        Si es una emergencia, cuelgue y marque el 911.
        Si necesita apoyo en una crisis, llame o envíe un mensaje de texto al 988.
        Comuníquese con el 988.
        Podemos devolverle la llamada al número que termina en
        Una persona le ayudará.
        Para nuestra oficina de Scottsdale
        Abrimos de nuevo el lunes a las 8 de la mañana.
        Le estamos comunicando con la clínica.
        La tecla numeral termina su mensaje.
        Para tomar esta llamada, oprima cualquier tecla.
        Estamos cerrados por trabajos de pintura.
        El segundo piso, puerta once
        Pregunte a su médico por sus medicamentos.
        Procure hablar despacio.
    """,
}


def each_line(sentences: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (language, line.strip()) for language, block in sentences.items() for line in block.splitlines() if line.strip()
    ]


@pytest.mark.parametrize(("language", "sentence"), each_line(FORBIDDEN))
def test_a_forbidden_sentence_is_refused(language: str, sentence: str) -> None:
    problems = check({language: {"announcement": sentence}})
    assert problems
    for problem in problems:
        assert (problem.file, problem.line) == place(language, "announcement")
        assert problem.path == ("prompts", "announcement")
        assert '"' in problem.sentence
        assert problem.cure
        assert not problem.warning


@pytest.mark.parametrize(("language", "sentence"), each_line(INNOCENT))
def test_an_innocent_sentence_is_left_alone(language: str, sentence: str) -> None:
    assert faults(language, sentence) == []


def test_a_problem_quotes_the_words_as_they_were_written() -> None:
    assert faults("es-US", "Hay GARANTÍA de alivio.")[0].startswith('"GARANTÍA" must not be spoken: ')
    assert faults("en-US", "It works when others fail.")[0].startswith('"works when others fail" must not be spoken: ')


def test_all_faults_of_a_prompt_are_told_at_once_and_each_rule_once() -> None:
    found = faults("en-US", "Safe, safe and safe. It is proven, it cures, and it costs 10 dollars.")
    assert [sentence.split(" must")[0] for sentence in found] == ['"Safe"', '"proven"', '"costs"']


def test_a_letter_of_another_alphabet_is_refused_by_name() -> None:
    assert any("another alphabet" in sentence for sentence in faults("en-US", "s\u0430fe"))
    assert faults("es-US", "Peñón, Müller y Łukasz") == []


@pytest.mark.parametrize("language", ["fr-FR", "", "english", "e"])
def test_a_language_without_rules_is_one_problem(language: str) -> None:
    (problem,) = check({language: {"a": "Bonjour", "b": "100%"}})
    assert problem.sentence == f'there are no clinical wording rules for the language "{language}".'
    assert problem.path == ("prompts",)
    assert not problem.warning


@pytest.mark.parametrize("language", ["en", "EN-us", "en_GB", "es", "es-MX"])
def test_every_kind_of_english_and_spanish_has_rules(language: str) -> None:
    assert faults(language, "100%") != []
    assert faults(language, "Hola") == []


# Mailbox greetings. ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "greeting"),
    [
        ("en-US", "Leave your name, your number and your symptoms after the tone."),
        ("en-US", "After the tone, please describe your condition."),
        ("en-US", "After the tone, tell us the reason for your call."),
        ("en-US", "After the beep, say your name and date of birth."),
        ("en-US", "Leave a message. Say how you feel."),
        ("en-US", "Please leave your name and the medicines you take."),
        ("en-US", "Do not hang up, and describe your symptoms after the tone."),
        ("en-US", "Do not leave your name, tell us your symptoms after the tone."),
        ("en-US", "Why don't you tell us your symptoms after the tone?"),
        ("es-US", "Deje su nombre, su número y sus síntomas después del tono."),
        ("es-US", "Después del tono, describa su condición."),
        ("es-US", "Después del tono, diga el motivo de su llamada."),
        ("es-US", "Deje su nombre y su fecha de nacimiento."),
        ("es-US", "No cuelgue, y describa sus síntomas después del tono."),
    ],
)
def test_a_mailbox_greeting_that_asks_about_health_is_refused(language: str, greeting: str) -> None:
    assert any("mailbox greeting" in sentence for sentence in faults(language, greeting))


@pytest.mark.parametrize(
    ("language", "greeting"),
    [
        ("en-US", "Leave your name and number after the tone. Please do not leave any health details."),
        ("en-US", "After the tone, leave your name. Don't describe your symptoms, your medicines or your condition."),
        ("en-US", "If this is a medical emergency, hang up and dial 911. Leave your name after the tone."),
        ("en-US", "Leave your name after the tone. Please, no medical information."),
        ("es-US", "Deje su nombre y su número después del tono. No deje ningún detalle sobre su salud."),
        ("es-US", "Después del tono, deje su nombre. No describa sus síntomas ni sus medicinas."),
    ],
)
def test_a_mailbox_greeting_that_asks_for_name_and_number_passes(language: str, greeting: str) -> None:
    assert faults(language, greeting, "mailbox_greeting") == []


def test_a_greeting_is_known_by_the_mailbox_that_uses_it() -> None:
    prompts = {"en-US": {"hello": "Speak now. Which medicines do you take?"}}
    assert check(prompts) == []
    assert len(check(prompts, mailboxes=["hello"])) == 1


# The notation, and its cost. ------------------------------------------------------------------------------------------

LISTS = Lists(named={"fruit": "apple|fig_tree"}, numbers="two|three", denials="not|no")


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("a|b c", "b c", True),
        ("a c", "a , c", False),
        ("heal*", "healing", True),
        ("heal*", "unhealed", False),
        ("a just? c", "a c", True),
        ("a just? c", "a just c", True),
        ("a ~2 c", "a x y c", True),
        ("a ~2 c", "a x y z c", False),
        ("a ~ c", "a x , c", False),
        ("a ^3 c", "a x , c", True),
        ("a ^3 c", "a not c", False),
        ("a ^3 c", "a . c", False),
        ("# a", "17 a", True),
        ("# a", "two a", True),
        ("x @fruit", "x fig tree", True),
        ("@fruit x", "fig tree x", True),
        ("@fruit x", "fig x", False),
        ("a b", "a", False),
    ],
)
def test_a_phrase_means_what_the_notation_says(phrase: str, text: str, found: bool) -> None:
    assert (book([phrase], LISTS).first(text.split()) is not None) is found


PHRASES = [
    "a b",
    "a b|d? c",
    "a ~2 c",
    "a ~ c* d",
    "a ^3 c",
    "# a",
    "x @fruit",
    "@fruit x",
    "a* # ^2 d",
    "a b_c|d e? ~1 x",
]
PLAIN = ["a", "b", "c", "d", "e", "x", "y", "not", "fig", "tree", "two", "17", "aa", "cx", ",", "."]


@given(st.lists(st.sampled_from(PLAIN), max_size=40))
@settings(max_examples=300, deadline=None)
def test_searching_all_places_at_once_finds_what_trying_each_finds(words: list[str]) -> None:
    phrases = book(PHRASES, LISTS)
    at_once = {at: ends(entries, words, at) for at, entries in phrases.found(Text(words)).items()}
    assert at_once == {at: found for at in range(len(words)) if (found := phrases.at(words, at))}


@pytest.mark.parametrize("phrase", ["~ a", "^2 a", "a? b"])
def test_a_phrase_that_begins_with_nothing_certain_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="must begin with a word"):
        book([phrase], LISTS)


def test_a_phrase_that_goes_over_a_full_stop_is_refused() -> None:
    assert book(["a b|."], LISTS).first(["a", "."])
    with pytest.raises(ValueError, match="ends at a full stop"):
        book(["a b|. c"], LISTS)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_at_all_can_be_checked(text: str) -> None:
    for language in LANGUAGES:
        assert check({language: {"a": text, "mailbox": text}}, {"depression": ["a"]})  # it lacks what must be said


WORDS = [
    "no",
    "not",
    "never",
    "approved",
    "for",
    "the",
    "only",
    "as",
    "anesthetic",
    "we",
    "will",
    "stop",
    "two",
    ",",
    ".",
]


@given(st.lists(st.sampled_from(WORDS)))
@settings(max_examples=60, deadline=None)
def test_a_forbidden_word_is_found_behind_any_others(words: list[str]) -> None:
    assert any(
        '"cures" must not' in sentence for sentence in faults("en-US", " ".join([*words, ". It cures and it heals."]))
    )


def calls_made(text: str) -> int:
    """How many functions one check calls: a measure of work that a busy machine does not change."""
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check({"en-US": {"a": text}})
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize(
    "unit", ["not ", "we will also ", "approved a b c ", "stop a b c d ", "no , ", "s a f-", "a" * 40]
)
def test_ten_times_the_text_is_at_most_ten_times_the_work(unit: str) -> None:
    setting_up = calls_made("")
    assert calls_made(unit * 500) - setting_up <= 11 * (calls_made(unit * 50) - setting_up) + 100
