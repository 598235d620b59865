"""The channel `inbox`: messages stay with us, and each person reads them on the page of that name."""

from __future__ import annotations

from engine.channels.base import ChannelKind
from metamodel.text import Text

KIND = ChannelKind(
    name="inbox",
    label=Text(zh="站内信", en="Inbox"),
    help=Text(
        zh="显示在收件箱页，打开的页面会即时提示", en="Shown on the inbox page; pages that are open tell at once"
    ),
    letters=lambda *_: (),
    ready=lambda _: True,
)
