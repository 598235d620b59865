"""What a browser calls itself, put briefly: ``Chrome 156 · Windows``. Names of products are the same in every language. Pure."""

from __future__ import annotations

import re

# The first that fits: most browsers claim to be several others as well.
_BROWSERS = (
    ("WeCom", re.compile(r"wxwork/(\d+)")),
    ("WeChat", re.compile(r"MicroMessenger/(\d+)")),
    ("DingTalk", re.compile(r"DingTalk/(\d+)")),
    ("Feishu", re.compile(r"(?:Lark|Feishu)/(\d+)")),
    ("Edge", re.compile(r"Edg(?:A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+).*Safari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("HarmonyOS", re.compile(r"HarmonyOS|OpenHarmony")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Mac OS X|Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)


def device_of(agent: str) -> str:
    """Return browser and system that a User-Agent speaks of; what is neither stays as it is."""
    said = []
    for name, pattern in _BROWSERS:
        if found := pattern.search(agent):
            said.append(f"{name} {found[1]}")
            break
    said += next(([name] for name, pattern in _SYSTEMS if pattern.search(agent)), [])
    return " · ".join(said) or agent
