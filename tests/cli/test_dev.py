"""`tenon dev` beside somebody who writes a pack: what is saved serves, what is wrong is shown, and the next save is another try."""

import signal
import threading

from tests.waiting import eventually

PACK = "pack: shop\nversion: 1.0.0\nlabel: {zh: 店, en: Shop}\n"
OBJECT = "object: deal\nlabel: {zh: 商机, en: Deal}\nfields:\n  name: {type: text, label: {zh: 名, en: Name}}\n"


def test_what_is_saved_serves(tenon, tmp_path):
    folder = tmp_path / "shop"
    (folder / "objects").mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK)
    (deal := folder / "objects" / "deal.yaml").write_text(OBJECT)
    process = tenon.start("dev", str(folder))
    shown = []
    reader = threading.Thread(target=lambda: shown.extend(iter(process.stdout.readline, "")))
    reader.start()

    def says(words):
        eventually(lambda: words in "".join(shown) or process.poll() is not None)
        assert words in "".join(shown), "".join(shown)

    says("Version 1 serves")
    says("Watching")
    deal.write_text(OBJECT + "  amount: {type: decimall}\n")
    says("did you mean decimal")
    says("deal.yaml:5:")
    says("The version before goes on serving")
    deal.write_text(OBJECT + "  amount: {type: decimal, label: {zh: 数, en: Amount}}\n")
    says("Version 2 serves")
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0
    reader.join()
    assert "Traceback" not in "".join(shown)
    assert tenon("versions").stdout.startswith("*    2")


def test_a_folder_that_is_not_there(tenon, tmp_path):
    done = tenon("dev", str(tmp_path / "none"))
    assert (done.returncode, "There is no folder" in done.stderr) == (1, True)
    assert not tenon.home.exists()
