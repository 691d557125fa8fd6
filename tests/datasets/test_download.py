from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rnaexplore import _keys
from rnaexplore.datasets import rfam
from rnaexplore.datasets.download import RFAM_URL
from rnaexplore.errors import DownloadError, InputError

FAMILY = """\
# STOCKHOLM 1.0
#=GF ID {name}
#=GF AC {accession}
#=GF DE What {name} is
{accession}/1 GGGAAA-CC
{accession}/2 GGGAAACCC
#=GC SS_cons <<<...>>>
//
"""


class Server(ThreadingHTTPServer):
    """Answers from `pages`, and remembers what it was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/family"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path)
        self.send_response(404 if page is None else 200)
        body = page or b""
        length = len(body) + (1000 if body.endswith(b"CUT") else 0)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Keep the tests' output clean."""


def page(accession):
    return f"/family/{accession}/alignment/stockholm"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    for accession, name in (("RF00001", "5S_rRNA"), ("RF00002", "5_8S_rRNA")):
        text = FAMILY.format(accession=accession, name=name)
        server.pages[page(accession)] = text.encode()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def get(server, cache, accessions=("RF00001",)):
    return rfam(accessions, cache=cache, progress=False, base_url=server.url)


def test_families_come_with_structures_and_checksums(server, tmp_path):
    adata = get(server, tmp_path, ["RF00002", "RF00001"])
    assert list(adata.obs_names) == ["RF00002/1", "RF00002/2", "RF00001/1", "RF00001/2"]
    assert adata.obs["family"].to_list() == ["5_8S_rRNA"] * 2 + ["5S_rRNA"] * 2
    assert adata.obs["accession"].to_list() == ["RF00002"] * 2 + ["RF00001"] * 2
    assert adata.obs["structure"].to_list() == ["((....))", "(((...)))"] * 2
    made = adata.uns[_keys.PROVENANCE][_keys.INPUT]
    assert made["url"] == server.url
    noted = {a: (tmp_path / f"{a}.sto.sha256").read_text().strip() for a in made["sha256"]}
    assert made["sha256"] == noted
    adata.write_h5ad(tmp_path / "a.h5ad")


def test_once_downloaded_it_needs_no_network(server, tmp_path):
    first = get(server, tmp_path)
    assert server.asked == [page("RF00001")]
    server.pages.clear()
    again = get(server, tmp_path)
    assert server.asked == [page("RF00001")]
    assert again.obs.equals(first.obs)


def test_compressed_answers_are_understood(server, tmp_path):
    server.pages[page("RF00001")] = gzip.compress(server.pages[page("RF00001")])
    assert get(server, tmp_path).n_obs == 2


def test_a_changed_file_is_noticed_and_the_remedies_work(server, tmp_path):
    get(server, tmp_path)
    path, note = tmp_path / "RF00001.sto", tmp_path / "RF00001.sto.sha256"
    original = path.read_text()
    path.write_text(original.replace("GGGAAACCC", "GGGAAACCA"))
    with pytest.raises(DownloadError, match="was changed since it was downloaded"):
        get(server, tmp_path)
    note.unlink()
    assert get(server, tmp_path).obs["sequence"].to_list()[1] == "GGGAAACCA"
    path.unlink()
    assert get(server, tmp_path).obs["sequence"].to_list()[1] == "GGGAAACCC"
    assert path.read_text() == original


def test_a_file_put_there_by_hand_is_used(server, tmp_path):
    text = FAMILY.format(accession="RF00009", name="RNaseP_nuc")
    (tmp_path / "RF00009.sto").write_text(text)
    assert get(server, tmp_path, ["RF00009"]).n_obs == 2
    assert server.asked == []
    assert (tmp_path / "RF00009.sto.sha256").is_file()


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (None, "Rfam has no family RF00001"),
        (b"<html>maintenance</html>", "not a Stockholm alignment.*try again later"),
        (b"", "has no sequence"),
        (FAMILY.format(accession="RF00007", name="x").encode(), "is the alignment of RF00007"),
        (FAMILY.format(accession="RF00001", name="x").encode()[:-4], "has no '//'"),
        (b"# STOCKHOLM 1.0\nCUT", "could not be downloaded.*rfam_sample"),
    ],
    ids=["404", "a web page", "nothing", "another family", "half a file", "connection lost"],
)
def test_nothing_wrong_is_kept(server, tmp_path, answer, what):
    good = server.pages.pop(page("RF00001"))
    if answer is not None:
        server.pages[page("RF00001")] = answer
    with pytest.raises(DownloadError, match=what):
        get(server, tmp_path)
    assert list(tmp_path.iterdir()) == []
    server.pages[page("RF00001")] = good
    assert get(server, tmp_path).n_obs == 2


def test_without_network_the_error_tells_what_to_do(tmp_path):
    with pytest.raises(DownloadError, match=r"put the seed alignment of RF00001 at .*RF00001\.sto"):
        rfam(["RF00001"], cache=tmp_path, progress=False, base_url="http://127.0.0.1:9/family")


def test_address_from_the_environment_and_progress(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(RFAM_URL, server.url + "/")
    rfam(["RF00001"], cache=tmp_path, progress=False)
    assert capsys.readouterr().err == ""
    rfam(["RF00001", "RF00002"], cache=tmp_path)
    assert "2/2" in capsys.readouterr().err
    assert server.asked == [page("RF00001"), page("RF00002")]


@pytest.mark.parametrize(
    ("accessions", "what"),
    [
        ("RF00001", r"write \['RF00001'\]"),
        (["tRNA"], "'tRNA' is not an accession of Rfam"),
        (["../RF00001"], "is not an accession"),
        (["RF00001", "RF00001"], "given twice"),
        ([], "no accession is given"),
    ],
)
def test_accessions_are_checked(tmp_path, accessions, what):
    with pytest.raises(InputError, match=what):
        rfam(accessions, cache=tmp_path, progress=False)
