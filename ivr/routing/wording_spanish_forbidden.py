"""What no Spanish prompt may say, and what is passed over, written without accents as the rules read the text.

The lists it names stand in `wording_spanish`.
"""

from __future__ import annotations

from .wording_rules import NAMED_MEDICINES, UNITS, Allowed, Forbidden

ALLOWED = (
    # Someone who is not sure, and someone who has tried something; the same words mean safe and proven elsewhere.
    Allowed("no|si no? usted? no? esta|este|estoy|estan|esten ~1 seguro|segura|seguros|seguras"),
    Allowed("ha|han|haya|hayan probado", except_as="ha|han probado que|ser"),
    Allowed("ningun|no_hay tratamiento|medicamento|remedio ~1 sin|libre_de|exento_de ningun? riesgo|riesgos"),
    Allowed("ninguna medicina|terapia ~1 sin|libre_de|exenta_de ningun? riesgo|riesgos"),
    Allowed("si usted? esta embarazada|deprimido|deprimida|tomando"),
    Allowed(
        "tarifas de mensajes|mensaje y? datos?"
    ),  # what the carrier takes for a text, which consent must say (CTIA)
    # Advice NOT to stop a medicine, and requests NOT to tell us of one's health, are welcome.
    Allowed("no|nunca|sin lo|la? @stop"),
    Allowed("no|nunca|ni nos? diga*|cuente*|describa*|explique*|comparta*|de"),
    # An approval that is denied, or given for anesthesia alone, may name any other use after it.
    Allowed("no|nunca|sin|ni|tampoco ~ aprob*|aprueb*", except_as="no|nunca @only"),
    Allowed("@only ~ anestes* ~ aprob*|aprueb*"),
    Allowed("aprob*|aprueb* ~ @only como|para|en un|una|la? anestes* y|pero|e ~8 fuera_de|off_label|offlabel"),
    Allowed(
        "aprob*|aprueb* ~ @only para_uso? como|para|en un|una|la? anestes*",
        except_as="aprob*|aprueb* ~ @only para_uso? como|para|en un|una|la? anestes* ,? y|e|pero|ahora|tambien|ademas",
    ),
)

FORBIDDEN = (
    Forbidden(  # B1, B3: the label warns of harm to breathing, blood pressure, liver and bladder.
        'ketamine has known risks, and "seguro" stays in the ear even after a "no"',
        'Say "Hay riesgos" instead. For insurance let a person answer; for "make sure" say "asegúrese".',
        """
        seguro|segura|seguros|seguras|segurisim*|inofensiv*|inocuo|inocua|inocuos|inocuas
        perfil|historial de seguridad
        seguridad comprobada|demostrada|probada
        sin ningun|ningunos? riesgo|riesgos|peligro|peligros
        libre|exento|exenta de riesgo|riesgos
        no hay|tiene|tienen|presenta|presentan|existe|existen|implica|conlleva ningun? riesgo|riesgos|peligro|peligros
        no hay|tiene|tienen|presenta|presentan|causa|causan|produce ningun? efecto|efectos secundario|secundarios
        sin ningun? efecto|efectos secundario|secundarios
        no afecta|dana|altera|deprime a? la|su? respiracion
        sin afectar|danar|alterar la|su? respiracion
        bien tolerado|tolerada
        """,
    ),
    Forbidden(  # B3.
        "it promises a result that nobody can promise",
        'Say "No todas las personas responden, y los efectos pueden no durar" instead.',
        """
        probado|probada|probados|probadas|comprobado|comprobada|comprobados|comprobadas|demostrado|demostrada|demostrados
        ha|han probado que|ser
        se ha|han probado
        cura|curas|curan|curar|cure|curen|curo|curaron|curado|curada|curados|curadas|curando|curacion|curaciones|curativ*
        curable|curables|curara|curaran|curaria|curarse|curarlo|curarla|curarle|curarlos|curarlas
        milagr*|garant*|maravillos*|revolucionari*
        le|les|se_lo aseguramos|prometemos|garantizamos
        prometemos
        con|toda|total toda|total? seguridad
        alivio inmediato|rapido|instantaneo|total|completo|permanente|duradero
        sin dolor
        ultima|unica esperanza
        muy|altamente|sumamente|realmente efectiv*|eficac*|eficaz
        se sentira|sentiran mejor|bien
        @remedy le|lo|la|les? ayudara*|funcionara*|sanara*|aliviara*|quitara*|cambiara*|eliminara*
        @result ~ en solo|cuestion_de? unas_pocas|unos_pocos|unas|unos|pocas|pocos|#|una? minutos|horas|hora|dias
        previene|evita la? tolerancia
        nuevas vias|conexiones|rutas
        cambi*|transform*|salv* la|su|mi|sus vida|vidas
        """,
    ),
    Forbidden(  # B1, B3: a controlled drug whose label warns of abuse.
        "ketamine can be misused",
        "Leave it out, or name misuse among the risks.",
        """
        no|nada|menos|nunca ~2 adictiv*
        noadictiv*
        no|nunca causa|causan|crea|crean|produce|producen|genera|generan|provoca ninguna? adiccion|dependencia
        sin riesgo_de|peligro_de|ninguna|causar|crear? adiccion|dependencia
        libre de adiccion
        """,
    ),
    Forbidden(  # B1, B3: the figures told about ketamine are disputed or have no source.
        "figures about how many people respond are disputed",
        'Say "No todas las personas responden" instead.',
        """
        percent|porciento|porcentaje|porcentajes
        por ciento|cientos
        uno|una|un|# de cada #
        2_3|1_3|3_4|1_4 de
        dos|un|2|1 tercio|tercios
        tercera|terceras|cuarta|cuartas parte|partes
        mitad de las|los|la? @people
        mayoria de? las|los|la? @people ~2 mejora*|responde*|siente*|recupera*|informa*|nota*
        """,
    ),
    Forbidden(  # B3.
        "no comparison with other treatment is established",
        "Leave the comparison out.",
        """
        cuando|donde|aunque|si todo|lo|los|las|otro|otros|otra|otras|ningun|nada|demas ~ fall*|fracas*
        funciona|funcionan|sirve|ayuda ~ cuando|donde|aunque ~ fall*|fracas*|funciona*|sirve*
        cuando nada|todo|ningun|ninguno|otros|otras|lo|los|las ~ no? funciona*|sirve*|ayuda*|resulta*
        mejor|mejores que
        mas rapid*|fuerte*|efectiv*|eficac*|eficaz|potente*|poderos*|segur* ~1 que
        superior|superiores a
        en_lugar_de|en_vez_de|reemplaza|sustituye ~2 @medicine
        """,
    ),
    Forbidden(  # B3.
        "medicines and brands are not named or compared on this line",
        "Leave the name out, or speak of other medicines in general.",
        NAMED_MEDICINES,
    ),
    Forbidden(  # B1, B3: the words quoted as a report of the NIH are a review article's.
        "the source behind this claim does not say it",
        "Leave it out.",
        """
        nih|vietnam
        instituto|institutos nacional|nacionales de la? salud
        campo|campos de batalla
        anestesico|anestesia ~1 preferido|preferida|de_eleccion|favorito
        preferido|preferida|favorito ~1 anestesic*
        """,
    ),
    Forbidden(  # B1, B2.2: Ketalar label; FDA statement of 10 October 2023 on psychiatric use.
        "the FDA has approved ketamine only as an anesthetic",
        'Say "La FDA ha aprobado la ketamina solo como anestésico. Los demás usos se llaman usos fuera de etiqueta."',
        """
        aprob*|aprueb* ~9 @use
        no|nunca @only ~3 aprob*|aprueb* ~6 @use
        @use ^1 esta|estan|fue|es|ha_sido ya|plenamente? aprobado|aprobada
        @use ^1 aprobado|aprobada|aprobados|aprobadas
        aprobado|aprobada|aprobados|aprobadas por la? @fda ,|.
        tratamiento|terapia|medicina|clinica|opcion|infusion|tratamientos ~1 aprobado|aprobada|aprobados por la? @fda
        """,
    ),
    Forbidden(  # B1, B3: weak or no evidence (guideline on chronic pain of ASRA, AAPM and ASA, 2018).
        "the evidence for single conditions is weak or missing",
        'Say "La evidencia es limitada y cambia de una enfermedad a otra" instead.',
        """
        esguince*|torcedura*|fractura*|artritis|artrosis|osteoartritis|fibromialgia|migrana*|jaqueca*|ciatica|culebrilla
        hueso|huesos roto|rotos|fracturado|fracturados
        infeccion|infecciones de|del|en_el|en_los los? oido|oidos
        dolor|dolores de|en|por|del|en_la|de_la|por_el espalda|muela|muelas|oido|oidos|garganta|cancer|cuello|rodilla
        dolor fantasma|articular|lumbar
        miembro|miembros fantasma|fantasmas
        calculo|calculos renal|renales
        tunel carpiano
        """,
    ),
    Forbidden(  # B3.
        "doses and numbers of treatments are for the clinician to settle",
        "Leave it out.",
        f"""
        {UNITS}|dosis|dosific*
        # a|o? #? o_mas|mas? infusion*|sesion|sesiones|tratamientos|inyecciones|aplicaciones|sueros
        una|1|una_sola|una_unica sola|unica infusion|sesion|inyeccion|aplicacion
        un solo|unico tratamiento
        serie de #
        """,
    ),
    Forbidden(  # B3.
        "prices and insurance are not spoken of on this line",
        "Let a person at the clinic answer this.",
        """
        dollars|dolar|dolares|usd|pesos|precio|precios|cuesta|cuestan|costo|costos|coste|costes|costar|costara|tarifa|tarifas
        aseguranza*|asegurador*|copago*|deducible*|medicare|medicaid|ahcccs|descuento*|barato|barata|financiamiento
        plan|planes de pago|pagos
        consulta|consultas|evaluacion|tratamiento|sesion|infusion gratis|gratuita|gratuito
        """,
    ),
    Forbidden(  # B3.
        "nobody should change a medicine because of a recording",
        "Leave it out. A clinician speaks of this in person.",
        """
        @stop ~ @medicine
        @stop ~ tratamiento
        dejando|suspendiendo ~ @medicine
        por_que no @stop ~ @medicine
        no|ya_no necesita|necesitara|requiere|requerira mas|tomar? ~2 @medicine
        sin su|sus ~1 @medicine
        """,
    ),
    Forbidden(  # B3.
        "stories of single patients are not evidence",
        "Leave it out.",
        """
        testimonio*
        historia|historias|caso|casos de exito
        cambio|salvo|devolvio|cambiaron la vida
        paciente|pacientes nos|siempre|todos? dicen|dice|dijo|dijeron|cuentan|cuenta|conto|aman|recomiendan|relatan
        me funciono|ayudo|salvo|sano|alivio
        # estrellas
        pacientes felices|contentos
        """,
    ),
    Forbidden(  # B3, B4: this line never dials for a caller, and never keeps one who needs 911 or 988.
        "this line cannot call 911 or 988 for anyone",
        'Say "Cuelgue y marque el 911" or "llame o envíe un mensaje de texto al 988" instead.',
        """
        llamaremos|llamamos|marcaremos|marcamos|avisaremos|avisamos|contactaremos|enviaremos|mandaremos ~ @aid
        nos comunicaremos|comunicamos ~ @aid
        vamos_a|podemos|voy_a|puedo|va_a llamar|marcar|avisar|contactar|enviar|mandar ~ @aid
        le|lo|la|les|los|las estamos|vamos_a|voy_a|estoy|podemos? conect*|comunic*|transf*|pasa*|enlaz* ~ @crisis
        conectar|conectarl*|comunicarl*|transferirl*|pasarl*|enlazarl* ~ @crisis
        conectando*|comunicandol*|comunicando|transfiriendo*|enlazando* ~ @crisis
        oprima|presione|pulse|apriete ~ para ~ @crisis
        """,
    ),
    Forbidden(  # B3: that option of 988 ended on 17 July 2025; the engine itself speaks the keys.
        "988 has no such key any more, and the keys of our own menus are added by the system",
        "Leave the key out.",
        "oprima|oprimir|presione|presionar|marque|marcar|pulse|pulsar|apriete el|la? tecla|numero? 3|tres",
    ),
    Forbidden(  # B4.
        "the crisis line is 988, and suicide is spoken of without blame",
        'Say "llame o envíe un mensaje de texto al 988", and "murió por suicidio".',
        """
        273 8255|talk
        comet* un|el? suicidio
        """,
    ),
    Forbidden(  # B4; 45 CFR 164.502(b): no telephone menu judges risk, and none asks for more than it needs.
        "this line asks no one about their health",
        "Ask for a name and a number only.",
        """
        diganos|cuentenos|denos|expliquenos|describanos|haganos_saber|comparta_con_nosotros ~ @health
        cual|cuales es|son su|sus ~1 @health
        que sintomas|medicamentos|medicinas
        tiene usted? algun|algunos? sintoma|sintomas|dolor
        esta|se_siente usted? deprimido|deprimida|embarazada|pensando_en|suicida|tomando
        como se siente
        piensa en suicid*|morir|hacerse
        """,
    ),
)
