"""Importing and exporting by the pages: a file or a pasted table, columns, looking ahead, mending, a worker, the report, undoing; and out again."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from engine.config import Config
from engine.jobs.transfers import make_ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

TABLE = "客户名称,编码,联系电话,区域,杂项\n甲公司,C-1,123,华东,x\n乙公司,C-2,456,东边,y\n,C-3,789,华北,z\n丙公司,C-4,1,华北,\n"


@pytest.fixture
def boss(browser: Callable[[str], Browser]) -> Browser:
    return browser("boss")


def work(ground: Ground) -> None:
    """Let a worker do what was ordered."""
    for tick in make_ticks(Config(home=ground.home)):
        tick.run(ground.run)


def send(tab: Browser, name: str, content: bytes, file: str = "客户.csv") -> str:
    """Send a file and return the address of the draft."""
    tab.get(f"/o/{name}/import")
    answer = tab.post(f"/o/{name}/import", {"file": (BytesIO(content), file)})
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["Location"])


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)).split())


def form_of(tab: Browser, url: str) -> dict[str, object]:
    """Return what the form of the columns would send as it stands."""
    page = tab.get(url).get_data(as_text=True)
    found: dict[str, object] = {"remember": "1"}
    for name, options in re.findall(r'<select class="select" (?:id="[^"]*" )?name="([^"]*)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_migration_s36_by_the_pages(ground: Ground, boss: Browser) -> None:
    assert "/o/customer/import" in boss.get("/o/customer").get_data(as_text=True)
    here = send(boss, "customer", TABLE.encode("gb18030"))
    page = boss.get(here)
    assert "GB18030" in words(page)
    assert "4 行" in words(page)
    form = form_of(boss, here)
    assert [form[f"into_{place}"] for place in range(5)] == ["name", "code", "phone", "region", ""]
    assert boss.post(f"{here}/columns", form).headers["Location"] == f"{here}/preview"
    seen = words(boss.get(f"{here}/preview"))
    assert "新建 2" in seen
    assert "有问题 2" in seen
    assert ground.value("SELECT count(*) FROM app.customer") == 0
    boss.post(f"{here}/repair", {"column": "区域", "value": "东边", "with": "华东"})
    assert "有问题 1" in words(boss.get(f"{here}/preview"))
    assert "修改第 4 行" in words(boss.get(f"{here}/preview?row=4"))
    boss.post(f"{here}/mend", {"row": "4", "cell_0": "丁公司", "was_0": "", "cell_1": "C-3", "was_1": "C-3"})
    assert "有问题 0" in words(boss.get(f"{here}/preview"))
    assert boss.post(f"{here}/start").headers["Location"] == here
    assert "排队中" in words(boss.get(here))
    work(ground)
    done = words(boss.get(here))
    assert "已完成" in done
    assert "新建 4" in done
    listed = boss.get(boss.get(f"{here}/records").headers["Location"])
    assert all(name in words(listed) for name in ("甲公司", "乙公司", "丙公司", "丁公司"))
    assert "客户.csv" in words(boss.get("/imports"))
    assert "上次的对应" in words(boss.get(send(boss, "customer", TABLE.encode())))
    boss.get(here)
    boss.post(f"{here}/undo")
    work(ground)
    assert "已撤销 4 条，0 条保持原样" in words(boss.get(here))
    assert ground.value("SELECT count(*) FROM app.customer WHERE deleted_at IS NULL") == 0


def test_faulty_rows_are_told_and_mended_afterwards(ground: Ground, boss: Browser) -> None:
    here = send(boss, "customer", TABLE.encode())
    boss.post(f"{here}/columns", form_of(boss, here))
    boss.get(f"{here}/preview")
    boss.post(f"{here}/check")
    work(ground)
    assert "已检查全部 4 行" in words(boss.get(f"{here}/preview"))
    boss.post(f"{here}/start")
    work(ground)
    assert "有问题 2" in words(boss.get(here))
    errors = boss.get(f"{here}/errors")
    assert "attachment" in errors.headers["Content-Disposition"]
    assert "没有「东边」这个选项；可选：华北、华东、华南" in errors.get_data().decode("utf-8-sig")
    rest = boss.post(f"{here}/rest").headers["Location"]
    assert "有问题 2" in words(boss.get(rest))
    number = rest.removesuffix("/preview")
    boss.post(f"{number}/repair", {"column": "区域", "value": "东边", "with": "华东"})
    boss.post(f"{number}/leave", {"row": "4"})
    boss.post(f"{number}/start")
    work(ground)
    assert "新建 1" in words(boss.get(number))
    assert ground.value("SELECT count(*) FROM app.customer") == 3


def test_a_name_that_several_have_is_settled_by_choosing_who_is_meant(ground: Ground, boss: Browser) -> None:
    twins = [{"name": "双胞胎", "code": f"T-{region}", "region": region} for region in ("east", "north")]
    _, second = ground.create("customer", *twins)
    here = send(boss, "order", "客户,状态\n双胞胎,草稿\n双胞胎,草稿\n".encode())
    boss.post(f"{here}/columns", form_of(boss, here))
    page = boss.get(f"{here}/preview").get_data(as_text=True)
    assert f'<option value="#{second}">#{second} · T-north · 华北</option>' in page
    assert 'data-mend="3" data-place="0" data-text="双胞胎"' in page  # and each cell by itself, where it stands
    boss.post(f"{here}/repair", {"column": "客户", "value": "双胞胎", "with": f"#{second}"})
    boss.post(f"{here}/start")
    work(ground)
    assert ground.value('SELECT array_agg(customer) FROM app."order"') == [second, second]


def test_a_table_is_pasted(ground: Ground, boss: Browser) -> None:
    boss.get("/o/customer/import")
    answer = boss.post("/o/customer/import", {"text": "名称\t编码\t授信额度（万元）\r\n粘贴公司\tP-1\t12\r\n"})
    here = answer.headers["Location"]
    page = words(boss.get(here))
    assert "粘贴的表格" in page
    assert "单位不同" in page  # 12 is not twelve
    boss.post(f"{here}/start")
    work(ground)
    assert ground.value("SELECT name || COALESCE(credit, 0) FROM app.customer") == "粘贴公司0"


def sheet(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("第二张").append(["编码", "名称"])
    book["第二张"].append(["S-2", "另一张"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "x.csv", "空文件"),
        ("名称,编码\n".encode(), "x.csv", "没有任何数据行"),
        (b"%PDF-1.7 ...", "x.xlsx", "PDF"),
        (b"PK\x03\x04 no workbook at all", "x.xlsx", "不是可读的电子表格"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "x.xls", "网页格式"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "x.xls", "不是可读的电子表格"),
        ('名称,编码\n"a,b\n'.encode(), "x.csv", "不是合法的 CSV"),
        (bytes(range(256)), "x.csv", "编码无法识别"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_reason(boss: Browser, content: bytes, name: str, said: str) -> None:
    boss.get("/o/customer/import")
    answer = boss.post("/o/customer/import", {"file": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_workbook_is_read_whatever_its_header_and_sheet(ground: Ground, boss: Browser) -> None:
    here = send(
        boss, "customer", sheet(["名称", "名称", None, "编码"], ["甲", "乙", 1, "=1+1"], ["丙", "", None, "K"]), "x.csv"
    )
    page = words(boss.get(here))
    assert "名称 (2)" in page
    assert "(C)" in page
    assert "没有保存计算结果" in page
    boss.post(f"{here}/reading", {"sheet": "第二张", "header_row": "1"})
    assert "S-2" in words(boss.get(here))
    boss.post(f"{here}/start")
    work(ground)
    assert ground.value("SELECT code || name FROM app.customer") == "S-2另一张"


def test_a_sheet_about_the_workbook_titles_and_a_header_over_two_rows_are_passed_over(boss: Browser) -> None:
    book = Workbook()
    book.active.append(["请不要改列名"])
    table = book.create_sheet("客户")
    for row in (
        ["客户登记表"],
        [],
        ["名称", "联系", None, "编码"],
        [None, "电话", "备注", None],
        ["甲", "1", "好", "C-1"],
    ):
        table.append(row)
    for covered in ("A1:D1", "A3:A4", "B3:C3", "D3:D4"):
        table.merge_cells(covered)
    out = BytesIO()
    book.save(out)
    here = send(boss, "customer", out.getvalue(), "x.xlsx")
    form = form_of(boss, here)
    assert form["sheet"] == "客户"
    assert [form[f"into_{place}"] for place in range(4)] == ["name", "phone", "note", "code"]
    boss.post(f"{here}/columns", form)
    assert "新建 1" in words(boss.get(f"{here}/preview"))


def test_an_import_is_for_who_may_and_sees_it(ground: Ground, browser: Callable[[str], Browser], boss: Browser) -> None:
    here = send(boss, "customer", TABLE.encode())
    rita = browser("rita")
    assert "/o/customer/import" not in rita.get("/o/customer").get_data(as_text=True)
    assert rita.get("/o/customer/import").status_code == 403
    for path in (here, f"{here}/preview", f"{here}/errors", f"{here}/records", f"{here}/progress"):
        assert rita.get(path).status_code == 404
    for act in ("start", "check", "undo", "columns", "mend", "discard"):
        assert rita.post(f"{here}/{act}").status_code == 404
    assert boss.post(f"{here}/discard").status_code == 303
    assert boss.get(here).status_code == 404


def test_a_list_goes_out_as_it_stands(ground: Ground, boss: Browser, browser: Callable[[str], Browser]) -> None:
    first, _ = ground.create("customer", {"name": "=cmd()", "code": "X-1"}, {"name": "乙", "code": "X-2"})
    page = boss.get("/o/customer?code.eq=X-1").get_data(as_text=True)
    way = re.search(r'href="(/o/customer/export\?rest=[^"]*)"', page)
    assert way is not None
    assert "1 条" in words(boss.get(way[1].replace("&amp;", "&")))
    made = boss.post("/o/customer/export", {"rest": "code.eq=X-1", "format": "csv", "columns": "all"}).headers[
        "Location"
    ]
    assert "已完成" in words(boss.get(made))
    answer = boss.get(f"{made}/file")
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    answer.close()
    assert len(lines) == 2
    assert lines[1].startswith("'=cmd(),X-1")
    picked = {"id": str(first), "rest": "", "format": "xlsx", "columns": "list"}
    with boss.get(boss.post("/o/customer/export", picked).headers["Location"] + "/file") as sheet_of_one:
        assert sheet_of_one.status_code == 200
    rita = browser("rita")
    assert rita.get(made).status_code == 404
    assert rita.get(f"{made}/file").status_code == 404
    assert ground.value("SELECT count(*) FROM tenon.audit WHERE action = 'export' AND details ->> 'fields' <> ''") == 2
