"""What English prompts must say. The notation is explained in `wording_patterns`."""

from __future__ import annotations

from .wording_english_forbidden import ALLOWED, FORBIDDEN
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

_CRISIS = (
    f"{CRISIS_NUMBERS}|nine_eight_eight|nine_,_eight_,_eight|nine_one_one|nine_,_one_,_one|lifeline"
    "|crisis_line|crisis_hotline|crisis_center|crisis_counselor|suicide_line|suicide_hotline"
)
_LISTS = Lists(
    named={
        "not": "not|never|don't|doesn't|won't|isn't|aren't|can't|cannot|no_longer",
        "only": "only|just|merely|solely|exclusively",
        "stop": "stop|quit|skip|cease|discontinue|throw_away|give_up|come_off|go_off|get_off",
        "medicine": (
            "medicine|medicines|medication|medications|meds|pill|pills|tablet|tablets|antidepressant|antidepressants"
            "|opioid|opioids|prescription|prescriptions|drug|drugs"
        ),
        "people": "people|patients|adults|users|cases|those|veterans|clients",
        "use": (
            "depress*|antidepress*|mood|moods|pain|pains|anxiety|ptsd|post_traumatic|trauma|ocd|bipolar|suicid*"
            "|psychiatric|mental|addiction|addictions|teen|teens|teenage*|adolescen*|child|children|kids|minors|young"
            "|under_18|under_eighteen|migraine|migraines"
        ),
        "clinician": (
            "clinician|clinicians|doctor|doctors|physician|physicians|psychiatrist|psychiatrists|specialist|specialists"
            "|medical_professional|medical_professionals|care_provider|care_providers"
        ),
        "health": (
            "symptom|symptoms|diagnos*|condition|conditions|illness*|medicine|medicines|medication|medications|health"
            "|medical_history|pain|mood|depression"
        ),
        "crisis": _CRISIS,
        "aid": f"{_CRISIS}|police|the_police|ambulance|an_ambulance|emergency_services",
        "we": "we|i|we'll|i'll|staff|team|someone|clinic|line",
        "will": "will|can|shall|are|is|may|could|would|going|to|also|then|now|always|gladly|have|need",
        "result": "relief|better|results|result|improve|improves|improvement|work|works|feel_well",
    },
    numbers=(
        "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|hundred|a_dozen|a_couple_of"
    ),
    denials="not|never|no|hasn't|isn't|doesn't|don't|won't|cannot|can't|nor|without",
)

_REQUIRED = (
    Required(  # B2.1
        "this is general information and not medical advice",
        "This is general information, not medical advice.",
        (
            Saying("general information", denied="not|isn't @only? a? general"),
            Saying(
                "not|never|no|isn't|cannot|doesn't|instead_of ~3 medical|doctor's|clinician's|professional advice",
                denied="not|never|isn't @only",
            ),
        ),
    ),
    Required(  # B2.2; Ketalar label, FDA statement of 10 October 2023
        "the FDA has approved ketamine only as an anesthetic",
        "The FDA has approved ketamine only as an anesthetic.",
        (
            Saying(
                """
                fda|food_and_drug_administration ^4 approv* ^6 only|solely|exclusively ^4 anesthe*|anaesthe*
                fda|food_and_drug_administration ^4 approv* ^4 as|for ^3 anesthe*|anaesthe* ^2 only
                only|solely approved by ^2 fda|food_and_drug_administration ^3 anesthe*|anaesthe*
                approved by ^2 fda|food_and_drug_administration ^3 only|solely|exclusively ^4 anesthe*|anaesthe*
                only ^1 use ^4 fda|food_and_drug_administration ^3 approv* ^6 anesthe*|anaesthe*
                """,
                denied="not only|just|solely|merely|exclusively",
            ),
        ),
    ),
    Required(  # B2.2, its second half
        "other uses are off-label",
        "Other uses are called off-label.",
        (Saying("off_label|offlabel", denied="not|never|nothing|isn't|aren't|no_longer ~2 off_label|offlabel"),),
        except_named=ANESTHETIC,
    ),
    Required(  # B2.3
        "a clinician must decide whether it is right for the caller",
        "A clinician must decide whether it is right for you.",
        (
            Saying(
                "@clinician ^4 decide|decides|determine|determines|judge|judges|assess|assesses|evaluate|evaluates|tell"
                " ^2 whether|if ^6 right|suitable|appropriate|fits|fit|an_option"
                " ^3 you|your|someone|person|patient|child",
                denied="""
                without
                no|not|never|don't|needn't ~2 need|needs|@clinician
                """,
            ),
        ),
    ),
    Required(  # B2.4; response and relapse as in the trials named in B1
        "not everyone responds, effects may not last, and there are risks",
        "Not everyone responds, effects may not last, and there are risks.",
        (
            Saying(
                """
                not everyone|everybody|all_people|all_patients|every_person|every_patient ~3 respond*|improve*|benefit*
                not everyone|everybody|all_people|all_patients|every_person|every_patient ~3 feel*|get* better
                not everyone|everybody|all_people|all_patients|every_person|every_patient is|are helped
                not|doesn't|won't work|help ~2 everyone|everybody
                some people|patients do_not|don't respond|improve|benefit|feel_better|get_better
                """
            ),
            Saying(
                """
                may|might|do|does|often|will often? not always? last
                may|might|can|often|usually fade|wear_off|be_temporary|be_short|return
                symptoms may|can|often|might return|come_back
                """
            ),
            Saying(
                "risk|risks",
                denied="""
                no|not|never|without|few|little|minimal|zero ~2 risk|risks
                risk free
                """,
            ),
        ),
        about=MOOD_OR_PAIN,
    ),
    Required(  # B2.5; few small early trials, no approval under 18
        "for people under 18 the evidence is early, and a specialist and a parent or guardian take part",
        "For people under 18, research is early. A specialist and a parent or guardian must take part.",
        (
            Saying(
                """
                evidence|research|studies|data ~8 early|limited|small|few|little|scarce|initial
                early|limited|small|few|little|scarce|initial ~ evidence|research|studies|data
                """,
                denied="not|no_longer|isn't|aren't|never ~1 early|limited|small|few|little|scarce|initial",
            ),
            Saying(
                """
                specialist|specialists
                child|pediatric|paediatric|adolescent and_adolescent? psychiatrist|psychiatrists
                """,
                denied="no|not|without|don't ~2 specialist*|psychiatrist*",
            ),
            Saying(
                "guardian|guardians|parent|parents|caregiver|caregivers",
                denied="no|not|without|don't ~2 guardian*|parent*|caregiver*",
            ),
        ),
        about=YOUNG,
    ),
)

_MAILBOX = MailboxRules(
    greeting="""
    after the tone|beep|signal
    leave us? a|your? ~1 message|messages|name
    """,
    health="""
    symptom|symptoms|diagnos*|illness*|disease|diseases|medicine|medicines|medication|medications|meds|allerg*|suicid*
    prescription|prescriptions|birthday|birthdate
    your ~1 health|pain|mood|condition|conditions|depression|feelings|treatment|history|injury
    health|medical history|problem*|condition*|detail*|information|question*|concern*|need*|record*
    how you feel
    how|what are you|you_are feeling
    how are you
    what is|what's wrong
    what's wrong
    where it hurts
    reason|reasons for|of|why ~ call*
    why you ~ call*
    date of birth
    birth date
    social security
    """,
    refusal_begins="""
    do_not|don't|never|no_need_to please|also|ever? leave|say|tell|describe|mention|include|share|give|add|record|send
    without|rather_than|instead_of leaving|saying|telling|describing|mentioning|including|sharing|giving
    no health|medical|personal|private
    """,
    refusal_ends="""
    but|instead|then
    ,|and and? please? tell|describe|explain|give|leave|say|share us|me|your|the|what|how|why|about
    """,
)

ENGLISH = ClinicalRules(_LISTS, ALLOWED, FORBIDDEN, _REQUIRED, _MAILBOX)
