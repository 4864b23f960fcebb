"""The words of an override's message, held to what every prompt must keep."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call_flow.model import Routing
from ivr.call_flow.spoken import spoken_seconds

from .problems import quoted
from .prompt_checks import LIKE_CODE, LONGEST_PART_SECONDS, LONGEST_PROMPT
from .wording import wording_problems


def message_problems(say: Mapping[str, str], routing: Routing) -> list[str]:
    """Why these words, by language code, cannot be spoken to callers; a sentence each. No words at all are fine."""
    if not say:
        return []
    found = [f"No language {quoted(code)} is spoken here." for code in say if code not in routing.languages]
    for code in routing.languages:
        words = say.get(code, "").strip()
        if not words:
            found.append(f"Callers in {code} would hear nothing of it: say it in {code} too.")
        elif len(words) > LONGEST_PROMPT or spoken_seconds(words) > LONGEST_PART_SECONDS:
            found.append(f"The words in {code} take more than {LONGEST_PART_SECONDS} seconds to say: shorten them.")
        elif LIKE_CODE.search(words) or not words.isprintable():
            found.append(f"The words in {code} hold something that cannot be spoken: plain words only.")
    if found:
        return found
    sentences = {code: {"message": words} for code, words in say.items()}
    problems = wording_problems(sentences, {}, lambda language, _name: (language, 0))
    return [f"{problem.file}: {problem.sentence} {problem.cure}".strip() for problem in problems]
