"""The action `notify`: people are told something, in their own language, by the channels it names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.automation.covering import by_reader
from engine.automation.frame import Action
from engine.automation.leading import PERIOD, TOP, leaders
from engine.automation.people import people_of
from engine.automation.values import is_personal, message_of
from engine.people.actors import load_actor
from engine.people.telling import Message, tell
from engine.records.access import rights_of
from engine.records.compile import Records
from engine.records.query import Query, read_page
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.automation.covering import Covered
    from engine.automation.doing import Doing
    from engine.automation.leading import Leader

INBOX = "inbox"
NOBODY = Text(zh="暂无排名", en="Nobody is ranked yet")
LISTED = 10  # records of a view that a message names


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    people = people_of(doing, (*options["to"], *options.get("cc", ())))
    if not people:
        return {"to": []}
    by = tuple(options.get("by") or (INBOX,))
    texts = [options[key] for key in ("message", "subject") if key in options]
    readers = by_reader(doing, texts, people)
    if is_personal(*texts):
        readers = [((person,), covered) for some, covered in readers for person in some]
    messages = [_said(doing, options, by, *some) for some in readers]
    if "ranking" in options:
        listed = leaders(doing, str(options["ranking"]), str(options.get("ranked", "")), options)
        messages = [_with_ranking(one, listed) for one in messages]
    if "list" in options:
        messages = [one for said in messages for one in _with_lists(doing, said, str(options["list"]))]
    tell(doing.context, messages)
    return {"to": [person for one in messages for person in one.to], "by": list(by)}


def _said(
    doing: Doing, options: Mapping[str, Any], by: tuple[str, ...], people: tuple[int, ...], covered: Covered
) -> Message:
    """Return the message to people who all read the same."""
    to = people[0] if len(people) == 1 else None
    body, about = message_of(doing, options["message"], to, covered), doing.subject
    return Message(
        to=people,
        body=body,
        key=f"{doing.key}/{doing.path}",
        subject=message_of(doing, options["subject"], to, covered) if "subject" in options else body,
        kind="automation",
        by=by,
        object=about.object if about is not None else "",
        record_id=about.id if about is not None else None,
    )


def _with_ranking(said: Message, listed: Sequence[Leader]) -> Message:
    """Return the message with those who lead below it."""
    bodies = {}
    for language in LANGUAGES:
        lines = [f"{one.rank}. {one.label} {one.shown[language]}" for one in listed] or [NOBODY(language)]
        bodies[language] = "\n".join([getattr(said.body, language), *lines])
    return replace(said, body=Text(**bodies))


def _with_lists(doing: Doing, said: Message, view: str) -> list[Message]:
    """Return the message for each person with what they see in a view, and nothing for whom there is nothing in it."""
    records = doing.context.runtime.part(Records)
    name, _, shown = view.partition(".")
    compiled, found = records.objects[name], []
    asked = Query(name, ("id", compiled.title), view=shown, limit=LISTED, count=True)
    asked = replace(asked, sort=compiled.definition.views[shown].sort)
    for person in said.to:
        actor = load_actor(doing.context.connection, user_id=person)
        if actor is None or not rights_of(records, actor).grants(name, "read"):
            continue
        page = read_page(replace(doing.context, actor=actor), asked)
        if page.items:
            titles = [row.get(compiled.title) for row in page.items]
            lines = [f"· {getattr(one, 'label', one)}" for one in titles]
            more = ["…"] if (page.count or 0) > len(lines) else []
            body = Text(
                zh="\n".join([f"{said.body.zh}（{page.count} 条）", *lines, *more]),
                en="\n".join([f"{said.body.en} ({page.count})", *lines, *more]),
            )
            found.append(replace(said, to=(person,), body=body, link=f"/o/{name}?view={shown}"))
    return found


KIND = Action(
    name="notify",
    label=Text(zh="通知", en="Notify"),
    help=Text(
        zh="通知一人或多人；cc 抄送；by 为渠道，默认站内信；消息里可写 {字段}，{user.name} 是收信的人；list 附上各人在视图里看得到的记录，没有则不发；ranking、ranked、period、top 附上按指标的排行，人人所见相同",
        en="Tell people something; `cc` copies others in; `by` names channels, the inbox by default; a message may hold {field}, {user.name} being who reads it; `list` adds what each of them sees in a view, and tells nobody who sees nothing there; `ranking`, `ranked`, `period`, `top` add who leads in a metric, the same for all who are told",
    ),
    options=OptionSorts(
        {
            "to": OptionSort(Takes.PEOPLE, Text(zh="通知谁", en="Whom"), required=True),
            "cc": OptionSort(Takes.PEOPLE, Text(zh="抄送", en="Copies to")),
            "by": OptionSort(Takes.CHANNELS, Text(zh="渠道", en="Channels")),
            "subject": OptionSort(Takes.MESSAGE, Text(zh="标题", en="Subject")),
            "message": OptionSort(Takes.MESSAGE, Text(zh="内容", en="Message"), required=True),
            "list": OptionSort(Takes.VIEW, Text(zh="附上视图", en="With a list")),
            "ranking": OptionSort(Takes.METRIC, Text(zh="附上排行", en="With a ranking by a metric")),
            "ranked": OptionSort(Takes.PATH, Text(zh="按谁排行", en="Who is ranked"), of="ranking"),
            "period": PERIOD,
            "top": TOP,
        }
    ),
    run=_run,
    examples=(
        "{notify: {to: =owner, message: {zh: '{name} 有新进展', en: 'News of {name}'}}}",
        "{notify: {to: {role: rep}, message: {zh: 上周排行, en: 'Last week'}, ranking: new_leads, ranked: owner, period: last_week, top: 5}}",
    ),
)
