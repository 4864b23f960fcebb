"""Hands that know nothing but a keyboard: Tab until a control has the focus, and then type."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

MOST_TABS = 60
FOCUS = """wanted => {
  const style = getComputedStyle(wanted);
  return [wanted === document.activeElement, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this control has the focus; whoever looks at the page must see that it has."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        has_focus, is_seen = wanted.evaluate(FOCUS)
        if has_focus:
            assert is_seen, f"nobody sees that {wanted} has the focus"
            return
    raise AssertionError(f"{MOST_TABS} times Tab do not reach {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Press a link or button that Tab leads to."""
    tab_to(page, wanted)
    page.keyboard.press(key)
