"""The action `notify`: people are told something, in their own language, by the channels it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.frame import Action
from engine.automation.people import people_of
from engine.automation.values import message_of
from engine.people.telling import Message, tell
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing

INBOX = "inbox"


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    people = people_of(doing, (*options["to"], *options.get("cc", ())))
    if not people:
        return {"to": []}
    by = tuple(options.get("by") or (INBOX,))
    body = message_of(doing, options["message"])
    subject = message_of(doing, options["subject"]) if "subject" in options else body
    about = doing.subject
    tell(
        doing.context,
        [
            Message(
                to=tuple(people),
                body=body,
                key=f"{doing.key}/{doing.path}",
                subject=subject,
                kind="automation",
                by=by,
                object=about.object if about is not None else "",
                record_id=about.id if about is not None else None,
            )
        ],
    )
    return {"to": people, "by": list(by)}


KIND = Action(
    name="notify",
    label=Text(zh="通知", en="Notify"),
    help=Text(
        zh="通知一人或多人；cc 抄送；by 为渠道，默认站内信；消息里可写 {字段}",
        en="Tell people something; `cc` copies others in; `by` names channels, the inbox by default; a message may hold {field}",
    ),
    options=OptionSorts(
        {
            "to": OptionSort(Takes.PEOPLE, Text(zh="通知谁", en="Whom"), required=True),
            "cc": OptionSort(Takes.PEOPLE, Text(zh="抄送", en="Copies to")),
            "by": OptionSort(Takes.CHANNELS, Text(zh="渠道", en="Channels")),
            "subject": OptionSort(Takes.MESSAGE, Text(zh="标题", en="Subject")),
            "message": OptionSort(Takes.MESSAGE, Text(zh="内容", en="Message"), required=True),
        }
    ),
    run=_run,
    examples=("{notify: {to: =owner, message: {zh: '{name} 有新进展', en: 'News of {name}'}}}",),
)
