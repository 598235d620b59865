"""Demo data come in once, whole, with references, lines and days that are always near."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.publishing.demo import load_demo
from engine.publishing.faults import PublishFault
from tests.publishing.support import fields

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publishing.support import Shop

OBJECTS = {
    "place": fields("name: {type: text, required: true}\nabove: {type: link, to: place, reverse: below}"),
    "sale": fields(
        "name: {type: text}\nat: {type: link, to: place}\nabout: {type: link, to: [place, sale], reverse: mentions}\n"
        "by: {type: user}\non: {type: date}\ndone: {type: datetime}\nrows_: {type: lines, of: sale_line}\ntotal: {type: rollup, value: SUM(rows_.price)}"
    ),
    "sale_line": fields(
        "name: {type: text}\nsale: {type: link, to: sale, parent: true, required: true}\nprice: {type: money}"
    ),
}
FILES = {
    "place": "ref,name,above\nsouth,South,all\nall,All,\n",
    "sale": "ref,name,at,about,by,on,done\ns1,One,south,place:all,rita,=TODAY() - 30d,=NOW() - 2h\ns2,Two,,sale:s1,,2024-02-29,\n",
    "sale_line": 'sale,name,price\ns1,a,"1,000.50"\ns1,b,2\n',
    "user": "ref,login,name,roles\nrita,rita,Rita,admin\n",
}


def create_demo(shop: Shop, files: dict[str, str]) -> Path:
    folder = shop.folder / "shop" / "demo"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder.parent


def test_demo_data_come_in_once(shop: Shop) -> None:
    shop.options["clock"] = lambda: datetime(2026, 3, 1, 4, tzinfo=UTC)
    shop.install(OBJECTS)
    pack = create_demo(shop, FILES)
    loaded = load_demo(shop.press, shop.engine, [pack])
    passwords = loaded.passwords
    assert list(passwords) == ["rita"]
    assert loaded.records == {"place": 2, "sale": 2, "sale_line": 2, "user": 1}
    assert len(passwords["rita"]) >= 12
    assert not load_demo(shop.press, shop.engine, [pack]).records
    assert shop.rows("SELECT p.name, a.name FROM app.place p LEFT JOIN app.place a ON a.id = p.above ORDER BY 1") == [
        ("All", None),
        ("South", "All"),
    ]
    found = shop.rows(
        'SELECT s.name, p.name, a.name, b.name, u.login, s."on"::text, s.done::text, s.total::text FROM app.sale s '
        'LEFT JOIN app.place p ON p.id = s."at" LEFT JOIN app.place a ON a.id = s.about_place '
        'LEFT JOIN app.sale b ON b.id = s.about_sale LEFT JOIN app."user" u ON u.id = s."by" ORDER BY 1'
    )
    assert found[0] == ("One", "South", "All", None, "rita", "2026-01-30", "2026-03-01 02:00:00+00", "1002.50")
    assert found[1][:6] == ("Two", None, None, "One", None, "2024-02-29")
    assert shop.rows("SELECT role FROM tenon.user_role") == [("admin",)]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("sale", "ref,name,at\ns1,One,north\n", "sale.csv:2"),
        ("sale", "ref,name,on\ns1,One,yesterday\n", "sale.csv:2 on"),
        ("sale", "ref,nmae\ns1,One\n", "sale.csv:2 nmae"),
        ("sale", "ref,name,on\ns1,One,=TODAY( - 1\n", "sale.csv:2 on"),
        ("sold", "name\nx\n", "sold.csv:2"),
        ("place", "ref,name,above\na,A,b\nb,B,a\n", "place.csv:2"),
    ],
)
def test_faulty_demo_data_are_said_with_their_place_and_change_nothing(
    shop: Shop, file: str, text: str, told: str
) -> None:
    shop.install(OBJECTS)
    pack = create_demo(shop, {**FILES, file: text} if file == "sold" else {"user": FILES["user"], file: text})
    with pytest.raises(PublishFault) as fault:
        load_demo(shop.press, shop.engine, [pack])
    assert told in fault.value.message.en
    assert shop.rows('SELECT count(*) FROM app."user"') == [(0,)]
    assert shop.rows("SELECT count(*) FROM tenon.setting") == [(0,)]


STATES = {
    "deal": fields("name: {type: text}\nmade: {type: date, default: =TODAY()}\nstage: {type: state, process: stages}"),
    "processes/stages": """
object: deal
field: stage
start: talk
states: {talk: {label: Talk}, offer: {label: Offer}, won: {label: Won, final: won}}
transitions: {offer: {from: talk, to: offer}, win: {from: offer, to: won}}
""",
}
DEALS = {
    "user": FILES["user"],
    "deal": "ref,name,stage,created_at\nd1,One,offer,=NOW() - 40d\nd2,Two,won,\nd3,Three,,\n",
    "stay": "object,ref,state,entered_at,by,transition,reason\ndeal,d1,talk,=NOW() - 40d,rita,,\ndeal,d1,offer,=NOW() - 12d,rita,offer,asked\n",
}


def test_demo_records_bring_their_past(shop: Shop) -> None:
    shop.options["clock"] = lambda: datetime(2026, 3, 1, 4, tzinfo=UTC)
    shop.install(STATES)
    load_demo(shop.press, shop.engine, [create_demo(shop, DEALS)])
    stays = shop.rows(
        "SELECT d.name, s.state, (s.entered_at AT TIME ZONE 'UTC')::date::text, (s.left_at AT TIME ZONE 'UTC')::date::text, u.login, "
        's.transition, s.backfilled FROM tenon.stay s JOIN app.deal d ON d.id = s.record_id LEFT JOIN app."user" u ON u.id = s.entered_by '
        "ORDER BY d.name, s.id"
    )
    assert stays == [
        ("One", "talk", "2026-01-20", "2026-02-17", "rita", "", False),
        ("One", "offer", "2026-02-17", None, "rita", "offer", False),
        ("Three", "talk", "2026-03-01", None, None, "", False),
        ("Two", "won", "2026-03-01", None, None, "", True),
    ]
    assert shop.rows("SELECT made::text, created_at::date::text FROM app.deal WHERE name = 'One'") == [
        ("2026-01-20", "2026-01-20")
    ]


@pytest.mark.parametrize(
    ("stay", "said"),
    [
        ("deal,d1,fly,=NOW(),rita,,", "stay.csv:2 state: there is no state fly"),
        ("user,rita,talk,=NOW(),rita,,", "stay.csv:2 object: the object has no process"),
        ("deal,d1,talk,=NOW(),nobody,,", "deal.csv:2: it refers to a ref that is not there"),
        (
            "deal,d1,talk,=NOW() - 1d,,,\ndeal,d1,offer,=NOW() - 2d,,,",
            "stay.csv:3 entered_at: stays go in the order of time",
        ),
        ("deal,d1,talk,,,,", "stay.csv:2 entered_at: the moment is missing"),
        ("deal,d1,talk,=NOW(),,,", "deal.csv:2 stage: its last stay is not in the state that it is in"),
    ],
)
def test_faulty_stays_say_where(shop: Shop, stay: str, said: str) -> None:
    shop.install(STATES)
    files = DEALS | {"stay": f"object,ref,state,entered_at,by,transition,reason\n{stay}\n"}
    with pytest.raises(PublishFault) as caught:
        load_demo(shop.press, shop.engine, [create_demo(shop, files)])
    assert said in caught.value.message("en")
