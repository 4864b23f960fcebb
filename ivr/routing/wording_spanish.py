"""What Spanish prompts must say, written without accents as the rules read the text.

The notation is explained in `wording_patterns`.
"""

from __future__ import annotations

from .wording_patterns import Lists
from .wording_rules import (
    ANESTHETIC,
    CRISIS_NUMBERS,
    MOOD_OR_PAIN,
    YOUNG,
    ClinicalRules,
    MailboxRules,
    Required,
    Saying,
)
from .wording_spanish_forbidden import ALLOWED, FORBIDDEN

_CRISIS = (
    f"{CRISIS_NUMBERS}|nueve_ocho_ocho|nueve_,_ocho_,_ocho|nueve_uno_uno|nueve_,_uno_,_uno|nueve_once"
    "|linea_de_crisis|linea_de_vida|linea_de_emergencia|linea_de_emergencias|linea_del_suicidio"
)
_LISTS = Lists(
    named={
        "only": "solo|solamente|unicamente|exclusivamente|meramente",
        "stop": (
            "deje|dejar|dejen|suspenda|suspender|suspendan|pare|parar|interrumpa|interrumpir|abandone|abandonar|tire"
            "|elimine|eliminar|descontinue|descontinuar"
        ),
        "medicine": (
            "medicina|medicinas|medicamento|medicamentos|medicacion|pastilla|pastillas|pildora|pildoras|antidepresivo"
            "|antidepresivos|opioide|opioides|receta|recetas"
        ),
        "people": "personas|pacientes|gente|adultos|casos|usuarios|veteranos",
        "use": (
            "depres*|antidepres*|animo|dolor|dolores|ansiedad|estres|tept|trauma*|bipolar|suicid*|psiquiatric*|mental"
            "|mentales|adiccion*|adolescen*|jovenes|joven|nino|ninos|nina|ninas|menores|migrana|migranas"
        ),
        "clinician": (
            "profesional|profesionales|medico|medica|medicos|doctor|doctora|doctores|psiquiatra|psiquiatras|especialista"
            "|especialistas|clinico|clinica|proveedor|proveedora"
        ),
        "health": (
            "sintoma|sintomas|diagnostic*|condicion|enfermedad|enfermedades|medicina|medicinas|medicamento|medicamentos"
            "|salud|dolor|dolores|animo|depresion"
        ),
        "crisis": _CRISIS,
        "aid": f"{_CRISIS}|policia|ambulancia|servicios_de_emergencia|emergencias",
        "remedy": "ketamina|tratamiento|tratamientos|infusion|infusiones|terapia",
        "result": "alivio|funciona|mejora|mejoran|mejoria|mejor|resultados|actua",
        "fda": "fda|administracion_de_alimentos_y_medicamentos",
        "no_all": "no_todas|no_todos|no_toda|no_todo",
    },
    numbers="dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|quince|veinte|treinta|cien|ciento|una_docena_de",
    denials="no|nunca|ni|tampoco|sin|ningun|ninguna",
)

_REQUIRED = (
    Required(  # B2.1
        "this is general information and not medical advice",
        "Esta es información general, no un consejo médico.",
        (
            Saying("informacion ~3 general", denied="no es @only? informacion"),
            Saying(
                """
                no|nunca|ni ~3 consejo|consejos|asesoria|asesoramiento|recomendacion|orientacion medico|medicos|medica
                no|nunca|ni ~3 consejo|consejos|recomendacion de un|su medico|doctor|profesional
                """,
                denied="no|nunca @only",
            ),
        ),
    ),
    Required(  # B2.2; Ketalar label, FDA statement of 10 October 2023
        "the FDA has approved ketamine only as an anesthetic",
        "La FDA ha aprobado la ketamina solo como anestésico.",
        (
            Saying(
                """
                @fda ^4 aprob*|aprueb* ^6 @only ^4 anestes*
                @fda ^4 aprob*|aprueb* ^4 como|para ^3 anestes* ^2 @only
                @fda ^2 @only ^3 aprob*|aprueb* ^4 como|para ^3 anestes*
                aprob* por ^2 @fda ^3 @only ^4 anestes*
                """,
                denied="no @only",
            ),
        ),
    ),
    Required(  # B2.2, its second half
        "other uses are off-label",
        "Los demás usos se llaman usos fuera de etiqueta.",
        (
            Saying(
                """
                fuera de la|su? etiqueta|indicacion|indicaciones
                fuera de lo indicado|aprobado
                off_label|offlabel
                uso|usos no aprobado|aprobados|autorizado|autorizados|indicado|indicados
                no indicado|indicados|aprobado|aprobados|incluidos en la|su etiqueta
                """,
                denied="no|nunca|ni|tampoco son|es|esta|estan|se_llaman|se_consideran ~2 fuera|off|no",
            ),
        ),
        except_named=ANESTHETIC,
    ),
    Required(  # B2.3
        "a clinician must decide whether it is right for the caller",
        "Un profesional médico debe decidir si es adecuada para usted.",
        (
            Saying(
                "@clinician ^4 decidir|decide|decida|determin*|evaluar|evalua|evalue|valorar|valore"
                " ^2 si ^6 adecuad*|apropiad*|indicad*|conviene|convienen|conveniente|opcion|sirve",
                denied="""
                sin
                no|ningun|ni ~3 necesit*|hace_falta|@clinician
                """,
            ),
        ),
    ),
    Required(  # B2.4; response and relapse as in the trials named in B1
        "not everyone responds, effects may not last, and there are risks",
        "No todas las personas responden, los efectos pueden no durar y hay riesgos.",
        (
            Saying(
                """
                @no_all las|los|la|el? personas|pacientes|gente|mundo? se? responde*|mejora*|beneficia*|siente*
                no funciona|ayuda|sirve ~2 todos|todas|todo_el_mundo|toda_la_gente
                algunas|algunos personas|pacientes? no se? responden|mejoran|benefician
                """
            ),
            Saying(
                """
                puede|pueden|podria|podrian no durar|ser_duraderos|ser_permanentes
                puede|posible que ~ no duren
                no siempre dura|duran
                puede|pueden|podria|podrian|suelen desaparecer|pasar|disminuir|perderse|ser_temporales|durar_poco
                sintomas pueden|suelen|podrian volver|regresar
                """
            ),
            Saying(
                "riesgo|riesgos",
                denied="""
                sin|ningun|nunca|pocos|minimos ~1 riesgo|riesgos
                no hay|tiene|existen|presenta|conlleva ~1 riesgo|riesgos
                libre|exento|exenta de riesgo|riesgos
                """,
            ),
        ),
        about=MOOD_OR_PAIN,
    ),
    Required(  # B2.5; few small early trials, no approval under 18
        "for people under 18 the evidence is early, and a specialist and a parent or guardian take part",
        "En menores de 18 años, la investigación es inicial. Deben participar un especialista y los padres o un tutor.",
        (
            Saying(
                """
                evidencia|investigacion*|estudios|datos ~8 inicial*|limitad*|pequen*|poc*|escas*|preliminar*|tempran*
                poca|pocos|pocas|escasa|escasos|limitada ~ evidencia|investigacion*|estudios|datos
                """,
                denied="no|nunca|tampoco es|son|esta|estan ~1 inicial*|limitad*|pequen*|poc*|escas*|preliminar*",
            ),
            Saying(
                """
                especialista|especialistas|paidopsiquiatra
                psiquiatra|psiquiatras de|para? infantil*|ninos|pediatric*|adolescentes|juvenil
                """,
                denied="no|sin|ningun ~2 especialista*|psiquiatra*",
            ),
            Saying(
                "tutor|tutora|tutores|padre|padres|madre|madres|guardian|guardianes",
                denied="no|sin|ningun ~2 tutor*|padre*|madre*|guardian*",
            ),
        ),
        about=YOUNG,
    ),
)

_MAILBOX = MailboxRules(
    greeting="""
    despues|luego del|de_la|de_oir_el|de_escuchar_el tono|senal|bip|pitido
    deje|dejenos|dejar un|su? mensaje|recado|nombre
    """,
    health="""
    sintoma|sintomas|diagnostic*|enfermedad|enfermedades|padecimiento*|medicina|medicinas|medicamento|medicamentos|alergi*
    receta|recetas|suicid*|cumpleanos
    su|sus ~1 salud|dolor|animo|condicion|depresion|tratamiento|historial|lesion
    historia|historial medica|medico|clinica|clinico
    problema*|detalle*|pregunta|preguntas|dato|datos|necesidad|informacion de_salud|medico|medicos|medica|medicas
    como se_siente|esta_usted|se_encuentra
    que le_pasa|le_duele
    donde le duele
    motivo|motivos|razon|razones de|por ~ llama*
    por_que ~ llama*
    fecha de nacimiento
    seguro social
    """,
    refusal_begins="""
    no|nunca|sin nos? deje*|dejar|diga*|decir|describ*|mencion*|inclu*|compart*|de|agregue|grabe*|cuente*|hable
    en_lugar_de|en_vez_de dejar|decir|describir|mencionar
    ningun|no|sin dato|datos|detalle|detalles|informacion
    """,
    refusal_ends="""
    pero|sino|entonces
    ,|y y? por_favor? diga*|describa*|explique*|cuente*|deje*|indique* su|sus|el|la|los|las|que|como|por
    """,
)

SPANISH = ClinicalRules(_LISTS, ALLOWED, FORBIDDEN, _REQUIRED, _MAILBOX)
