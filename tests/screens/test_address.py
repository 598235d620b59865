"""A list's address keeps everything that was chosen, both ways, whatever stands in it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from engine.screens.account import inside
from engine.screens.address import Condition, ListAddress, read_address

VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
NAME = st.from_regex(r"\A[a-z][a-z_]{0,8}\Z")


def read(url: str) -> ListAddress:
    parts = urlsplit(url)
    return read_address(parts.path.rpartition("/")[2], parse_qsl(parts.query, keep_blank_values=True))


@given(
    conditions=st.lists(st.builds(Condition, NAME, NAME, st.lists(VALUE, max_size=3).map(tuple)), max_size=3),
    search=VALUE.map(str.strip),
    sort=st.lists(NAME, max_size=2, unique=True),
)
def test_an_address_reads_as_it_was_written(conditions: list[Condition], search: str, sort: list[str]) -> None:
    address = ListAddress("deal", search=search, conditions=tuple(conditions), sort=tuple(sort), columns=("a", "b.c"))
    assert read(address.url()) == address


def test_a_choice_starts_paging_anew_and_keeps_the_rest() -> None:
    address = read("/o/deal?view=open&stage.in=won,lost&q=acme&after=xyz&edit=stage")
    assert address.after == "xyz"
    assert address.edit == "stage"
    assert address.url(sort=("-amount",)) == "/o/deal?view=open&q=acme&stage.in=won,lost&sort=-amount"
    assert address.without(address.conditions[0]) == "/o/deal?view=open&q=acme"
    assert address.with_condition(Condition("stage", "eq", ("a,b",))) == "/o/deal?view=open&q=acme&stage.eq=a%5C,b"


def test_only_our_own_addresses_are_gone_on_to() -> None:
    assert inside("/o/deal?x=1") == "/o/deal?x=1"
    for foreign in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "evil",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x",
    ):
        assert inside(foreign) == "/"
