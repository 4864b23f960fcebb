"""What no English prompt may say, and what is passed over. The lists it names stand in `wording_english`."""

from __future__ import annotations

from .wording_rules import NAMED_MEDICINES, UNITS, Allowed, Forbidden

ALLOWED = (
    Allowed("no treatment|medicine|medication|drug is without|free_of|free_from|risk any? risk|risks|free?"),
    # Advice NOT to stop a medicine, and requests NOT to tell us of one's health, are welcome.
    Allowed("do_not|don't|never|must_not|should_not ever|suddenly|just|simply? @stop"),
    Allowed("do_not|don't|never please? tell|describe|explain|give|share|let"),
    # An approval that is denied, or given for anesthesia alone, may name any other use after it.
    Allowed("not|never|no|without|isn't|hasn't|wasn't ~ approv*", except_as="not|no|never @only"),
    Allowed("only ~ anesthe*|anaesthe* ~ approv*"),
    Allowed("approv* ~ only|solely|exclusively as|for an|a? anesthe*|anaesthe* and|but ~8 off_label|offlabel"),
    Allowed(
        "approv* ~ only|solely|exclusively for_use? as|for an|a? anesthe*|anaesthe*",
        except_as="approv* ~ only|solely|exclusively for_use? as|for an|a? anesthe*|anaesthe* ,? and|but|now|also|plus",
    ),
)

FORBIDDEN = (
    Forbidden(  # B1, B3: the label warns of harm to breathing, blood pressure, liver and bladder.
        'ketamine has known risks, and "safe" stays in the ear even after a "not"',
        'Say "There are risks" instead.',
        """
        safe|safely|safer|safest|harmless|risk_free|well_tolerated
        safety record|profile
        no|zero known|real|serious|added? risk|risks
        no|zero|without known|real|serious|any? side effect|effects
        without any|real|serious? risk|risks
        @not affect|slow|harm|depress|stop your|the? breathing
        without affecting|slowing|harming your|the? breathing
        """,
    ),
    Forbidden(  # B3.
        "it promises a result that nobody can promise",
        'Say "Not everyone responds, and effects may not last" instead.',
        """
        proven|proved|cure|cures|cured|curing|curable|curative|miracle|miracles|miraculous*|guarant*
        prove|proves that|it
        wonder drug
        breakthrough*|revolutionary|life_changing|game_changer|game_changing|pain_free
        we|i|we_can|we_will|we_do promise
        promise|promises relief|results|that
        instant|instantly|immediate|immediately|rapid|rapidly|fast|quick|total|complete|lasting|permanent relief
        last|only hope
        highly|very|most|extremely|really|truly effective
        ketamine|treatment|treatments|infusion|infusions|therapy will help|work|heal|relieve|fix|change|end|take
        you will|you'll feel|be|get much|so? better|well|happy|healed
        you will feel|be|get much|so? better|well|happy|healed
        you'll feel|be|get much|so? better|well|happy|healed
        @result ~ within|in just|only|about? a? few|#|one|an? minutes|hours|hour|days|day
        prevent|prevents opioid? tolerance
        rewir*
        new neural|brain|nerve? pathways
        """,
    ),
    Forbidden(  # B1, B3: a controlled drug whose label warns of abuse.
        "ketamine can be misused",
        "Leave it out, or name misuse among the risks.",
        """
        nonaddict*|non_addictive|non_addicting|non_habit|addiction_free
        not|never|isn't|less|hardly ~2 addictive|addicting|habit_forming
        no|without|zero risk_of|danger_of|fear_of? addiction|dependence
        @not cause|create|lead_to an|any? addiction|dependence|dependency
        """,
    ),
    Forbidden(  # B1, B3: the figures told about ketamine are disputed or have no source.
        "figures about how many people respond are disputed",
        'Say "Not everyone responds" instead.',
        """
        percent*|per_cent
        one|# out_of|in_every every? #
        one|# in #
        one|two|1|2 third|thirds
        2_3|1_3|3_4|1_4 of
        three quarters|fourths
        half of? all|our|the? @people
        half|third|quarter|majority|most of? all|our|the? @people ~2 feel|get|improve|respond|recover|find|report|see
        """,
    ),
    Forbidden(  # B3.
        "no comparison with other treatment is established",
        "Leave the comparison out.",
        """
        work|works|worked|working|helps|help ~ when|where|after|if ~ fail|fails|failed|failing
        when|where|after|if all|every? other|others|everything|nothing|all|else ~ fail|fails|failed|failing
        when|where|if everything|nothing else works|worked|helps|helped
        better|faster|stronger|quicker than
        superior to
        more effective|powerful|reliable|helpful than
        instead_of|replace|replaces|in_place_of ~2 @medicine
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
        nih|battlefield|battlefields|vietnam
        national institute|institutes of health
        preferred ~2 anesthetic*|anaesthetic*
        """,
    ),
    Forbidden(  # B1, B2.2: Ketalar label; FDA statement of 10 October 2023 on psychiatric use.
        "the FDA has approved ketamine only as an anesthetic",
        'Say "The FDA has approved ketamine only as an anesthetic. Other uses are called off-label."',
        """
        approv* ~9 @use
        not|no|never @only ~3 approv* ~6 @use
        @use ^2 is|are|was|has_been|by now|also|fully? fda? approved
        @use ^1 fda approved
        @use ^2 approved by ~1 fda|food
        fda approved ,|.
        approved by the? fda|food_and_drug_administration ,|.
        fda approved ~1 treatment*|therap*|clinic*|medicine*|option*|care|infusion*
        """,
    ),
    Forbidden(  # B1, B3: weak or no evidence (guideline on chronic pain of ASRA, AAPM and ASA, 2018).
        "the evidence for single conditions is weak or missing",
        'Say "The evidence differs from one condition to another, and it is limited" instead.',
        """
        sprain*|fracture*|arthrit*|osteoarthrit*|fibromyalgia|migraine*|sciatica|shingles|earache*|toothache*
        broken|breaking bone|bones
        strained|pulled|torn muscle*|ligament*
        ear infection*|ache*
        tooth ache*
        carpal tunnel
        kidney stone*
        strep throat
        back|cancer|neck|joint|knee|phantom|nerve pain|pains
        phantom limb
        """,
    ),
    Forbidden(  # B3.
        "doses and numbers of treatments are for the clinician to settle",
        "Leave it out.",
        f"""
        {UNITS}|dose|doses|dosed|dosage|dosages|dosing
        # to|or? #? ketamine|iv|more|short|weekly? infusion|infusions|session|sessions|treatments|drips|injections
        one|only_one|just_one|a_single ketamine|iv|short? infusion|session|injection|drip
        just_one|only_one|after_one|a_single ketamine? treatment
        series of #
        """,
    ),
    Forbidden(  # B3.
        "prices and insurance are not spoken of on this line",
        "Let a person at the clinic answer this.",
        """
        dollar|dollars|usd|bucks|price|prices|priced|pricing|cost|costs|costing|fee|fees|copay*|deductible*
        insurance|insurances|insured|insurer*|medicare|medicaid|ahcccs|discount*|affordable|inexpensive|expensive
        co pay*
        financing
        payment plan*
        out of pocket
        free consult*|evaluation*|assessment*|screening*|treatment*|session*|infusion*
        """,
    ),
    Forbidden(  # B3.
        "nobody should change a medicine because of a recording",
        "Leave it out. A clinician speaks of this in person.",
        """
        @stop ~ @medicine
        why not|don't you|not? @stop ~ @medicine
        stopping|quitting|skipping|discontinuing ~ @medicine
        not|won't|don't|no_longer need ~2 @medicine
        without your ~1 @medicine
        """,
    ),
    Forbidden(  # B3.
        "stories of single patients are not evidence",
        "Leave it out.",
        """
        testimonial*
        success stories|story
        changed|saved|transformed|gave_back my|his|her|their|many|lives life|lives
        patients|patient|clients|client often|all|always|have? say|says|said|love|rave|swear|tell_us|told_us|told_me
        it|ketamine|this worked_for|helped|saved|cured|healed me|him|her|them
        # stars
        five star
        happy patients|clients
        """,
    ),
    Forbidden(  # B3, B4: this line never dials for a caller, and never keeps one who needs 911 or 988.
        "this line cannot call 911 or 988 for anyone",
        'Say "Hang up and dial 911" or "call or text 988" instead.',
        """
        @we @will? @will? @will? call|dial|contact|alert|notify|phone|send|ring for? @aid
        connect|connecting|transfer|transferring|put|putting|forward|forwarding|patch|patching you ~ @crisis
        be|being connected|transferred|forwarded ~ @crisis
        we|we'll|i|we_can|we_will ~3 bridge|patch|transfer|connect ~ @crisis
        connecting|transferring to the? @crisis
        press ~ for|to_reach ~ @crisis
        """,
    ),
    Forbidden(  # B3: that option of 988 ended on 17 July 2025; the engine itself speaks the keys.
        "988 has no such key any more, and the keys of our own menus are added by the system",
        "Leave the key out.",
        "press|pressing the? number|key? 3|three",
    ),
    Forbidden(  # B4.
        "the crisis line is 988, and suicide is spoken of without blame",
        'Say "call or text 988", and "died by suicide".',
        """
        273 8255|talk
        commit|commits|committed|committing suicide
        """,
    ),
    Forbidden(  # B4; 45 CFR 164.502(b): no telephone menu judges risk, and none asks for more than it needs.
        "this line asks no one about their health",
        "Ask for a name and a number only.",
        """
        tell|give us|me ~ @health
        let us know ~ @health
        share with us ~ @health
        what|which are|is your ~1 @health
        do you have|feel any? ~1 symptom|symptoms|pain|suicidal
        are you feeling|suicidal|depressed|pregnant|taking|having_thoughts|thinking_of|thinking_about
        how are you feeling
        """,
    ),
)
