"""Changes by phone: the keys that lead to them, which no patient may come to need."""

from __future__ import annotations

import re

from ivr.call_flow.staffing import STAFF

from .findings import Findings
from .problems import quoted
from .references import CLINIC, KINDS, places
from .shape import Shapes

_KEYS = re.compile(r"(?=.*\*)(?=.*#)[*#]{4,8}")


def check_staff(shapes: Shapes, findings: Findings) -> None:
    """The keys are of * and # alone: whoever presses them by accident hears a menu again, or slower, and no more."""
    staff = shapes.clinic.file.staff
    if staff is None:
        return
    if not _KEYS.fullmatch(staff.keys):
        sentence = f"{quoted(staff.keys)} cannot lead staff to their changes."
        cure = 'Write 4 to 8 keys, of * and # alone and some of each, in quotes: "*#*#".'
        findings.error(CLINIC, ("staff", "keys"), sentence, cure)
    for section, name in places(shapes):
        if name == STAFF:
            file, kind = KINDS[section]
            sentence = f"{quoted(STAFF)} is where staff make changes by phone, so no {kind} can have this name."
            findings.error(file, (section, name), sentence, "Give it another name.")
    starts = {line.start for line in shapes.clinic.file.lines.values()}
    menus = {*shapes.menus.file.menus, *shapes.menus.broken.get("menus", ())}
    if shapes.whole and starts and not starts & menus:
        sentence = "no line starts at a menu, and these keys are heard in a line's first menu only."
        findings.warn(CLINIC, ("staff", "keys"), sentence, "Let a line start at a menu, or leave `staff` out.")
