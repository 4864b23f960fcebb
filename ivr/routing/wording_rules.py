"""The shape of the clinical rules for prompts, and the words that are the same in every language.

Phrases are written in the notation of `wording_patterns`, for text as `wording_text.normal_words` gives it: lower
case, no accents, % and $ as the words percent and dollars. B1 to B4 name the parts of the clinic's fact sheet: B1 the
claims one by one, B2 what must be said, B3 what must not be said, B4 crisis wording.
"""

from __future__ import annotations

from dataclasses import dataclass

from .wording_patterns import Lists


@dataclass(frozen=True, slots=True)
class Allowed:
    """A phrase that is passed over whole, unless it also reads as one of `except_as`."""

    phrases: str
    except_as: str = ""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Phrases no prompt may speak; `reason` completes the sentence `"..." must not be spoken: `."""

    reason: str
    cure: str
    phrases: str


@dataclass(frozen=True, slots=True)
class Saying:
    """One statement, made when a single sentence holds one of `phrases` and none of `denied`."""

    phrases: str
    denied: str = ""


@dataclass(frozen=True, slots=True)
class Required:
    """A statement a topic owes its caller, over all its parts together; `sentence` is the wording to offer.

    `about`: only topics whose name or text speaks of this owe it; empty: every topic. `except_named`: topics whose
    name begins with this do not owe it.
    """

    meaning: str
    sentence: str
    sayings: tuple[Saying, ...]
    about: str = ""
    except_named: str = ""


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """How to know a greeting, words about health, and where a clause begins and ends that asks NOT to tell of it."""

    greeting: str
    health: str
    refusal_begins: str
    refusal_ends: str


@dataclass(frozen=True, slots=True)
class ClinicalRules:
    """Everything one language's prompts are held to."""

    lists: Lists
    allowed: tuple[Allowed, ...]
    forbidden: tuple[Forbidden, ...]
    required: tuple[Required, ...]
    mailbox: MailboxRules


# Topics have one name in every language, so these three hold English and Spanish words alike.
MOOD_OR_PAIN = """
    depress*|antidepress*|mood|moods|pain|pains|painful
    depres*|antidepres*|deprimid*|animo|dolor|dolores|doloros*|duele|duelen
"""
YOUNG = """
    young|youth*|teen|teens|teenage*|adolescen*|child|children|kid|kids|minors|pediatric*|paediatric*
    under|below the_age_of? 18|eighteen
    joven|jovenes|juvenil*|nino|ninos|nina|ninas|menores|infantil*|infancia
    menor de edad|18|dieciocho
"""
ANESTHETIC = "anesthe*|anaesthe*|anestes*"

# B3: comparisons with named drugs. Esketamine spray is another product, whose approval is not ours to lend (B1).
NAMED_MEDICINES = """
    prozac|zoloft|lexapro|paxil|celexa|wellbutrin|effexor|cymbalta|pristiq|abilify|seroquel|spravato|ketalar
    esketamin*|fluoxetin*|sertralin*|citalopram|escitalopram|paroxetin*|bupropion*|venlafaxin*|duloxetin*|trazodon*
    lithium|litio|morphin*|morfin*|oxycodon*|oxicodon*|oxycontin|hydrocodon*|hidrocodon*|vicodin|percocet
    fentanyl|fentanilo|tramadol|codein*|methadone|metadona|buprenor*|suboxone|gabapentin*|pregabalin*|neurontin|lyrica
    tylenol|advil|ibuprofen*|acetaminop*|acetaminof*|paracetamol|aspirin*|naproxen*|celebrex|dilaudid|demerol
    xanax|valium|ativan|klonopin|adderall|ritalin|propofol|psilocybin|psilocibina|botox
"""
# B3: doses.
UNITS = "mg|mgs|mcg|mcgs|ug|ml|mls|cc|ccs|milligram*|microgram*|miligram*|millilit*|mililit*"
# B4: the emergency and crisis numbers, in one piece or digit by digit.
CRISIS_NUMBERS = "988|9_8_8|9_,_8_,_8|911|9_1_1|9_,_1_,_1"
