"""How long the server is at work for a page, by its own processor time, so that it means the same on a busy machine. Medians on a quiet one,
the database's share among them, are ``make bench``'s."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median
from time import thread_time
from typing import TYPE_CHECKING

from engine.people.sessions import open_session
from engine.screens.site import SESSION_COOKIE

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.browser.conftest import Site

LIST, PAGE, SLOWER = 15, 30, 2  # milliseconds, and times as much as a slower machine takes
LISTS = (
    "/o/opportunity?view=all",
    "/o/opportunity?view=open",
    "/o/opportunity?view=all&stage.in=demo,needs&sort=close_on",
)
PAGES = (
    "/",
    "/o/opportunity?view=open&group=stage",
    "/o/opportunity?view=board",
    "/o/opportunity?view=agenda",
    "/o/opportunity/{opportunity}",
    "/o/opportunity/{opportunity}/edit",
    "/o/customer/{customer}",
    "/o/customer/new",
    "/o/quote/{quote}",
    "/o/quote/{quote}/edit",
    "/d/manager",
    "/approvals",
    "/inbox",
    "/preferences",
)


def test_the_server_is_soon_done_with_a_page(site: Site) -> None:
    client = site.ground.app().test_client()
    with site.ground.engine.begin() as connection:
        session = open_session(connection, site.ground.ids["boss"], datetime.now(UTC), hours=1)
    client.set_cookie(SESSION_COOKIE, session)
    records = {"opportunity": site.opportunities[0], "customer": site.customers[0], "quote": site.quotes[0]}
    limits = dict.fromkeys(LISTS, LIST) | {page.format(**records): PAGE for page in PAGES}
    spent = {page: _spent(client, page) for page in limits}
    assert not {page: round(one, 1) for page, one in spent.items() if one > limits[page] * SLOWER}


def _spent(client: FlaskClient, page: str) -> float:
    """Return the milliseconds of processor time that a page takes at the median, after it was asked for once."""
    found = []
    for _ in range(4):
        began = thread_time()
        answer = client.get(page)
        found.append((thread_time() - began) * 1000)
        assert answer.status_code == 200
    return median(found[1:])
