"""Where weights come from, in order, without any network but a loopback server."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request

import huggingface_hub.constants
import pytest
import torch
from safetensors.torch import save_file

from rnaexplore.errors import CheckpointError, DownloadError, WeightsNotFoundError
from rnaexplore.models import get_spec, load_model, registry
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.spec import Weights
from rnaexplore.models.weights.download import (
    _Redirects,
    cache_folder,
    download,
    extract,
    first_seen,
)
from rnaexplore.models.weights.sources import MODELS_FOLDER, find_weights

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """A loopback server that can stop in the middle, change its mind, and count."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, str | None]] = []
        self.stop_after: int | None = None
        self.etag = '"one"'
        self.changed: dict[str, str] = {}  # headers that lie
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                self.answer(body=False)

            def do_GET(self):
                self.answer(body=True)

            def answer(self, *, body):
                wanted = self.headers.get("Range")
                server.requests.append((self.command, self.path, wanted))
                content = server.files.get(self.path)
                if content is None:
                    self.send_response(404)
                    self.send_header("Content-Length", "0")
                    self.send_header("X-Error-Code", "EntryNotFound")
                    self.end_headers()
                    return
                start = 0
                if wanted and self.headers.get("If-Range", server.etag) == server.etag:
                    start = int(wanted.removeprefix("bytes=").split("-")[0])
                if start > len(content):
                    self.send_response(416)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(content) - start))
                if start:
                    self.send_header(
                        "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                    )
                if server.etag:
                    self.send_header("ETag", server.etag)
                self.send_header("X-Repo-Commit", "a" * 40)
                self.end_headers()
                stop = len(content) if server.stop_after is None else start + server.stop_after
                if body:
                    self.wfile.write(content[start:stop])
                if stop < len(content):
                    self.close_connection = True

            def send_header(self, name, value):
                super().send_header(name, server.changed.get(name, value))

            def log_message(self, *_args):
                """Stay silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server():
    running = Server()
    running.files["/weights.bin"] = CONTENT
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture(autouse=True)
def empty_places(tmp_path, monkeypatch):
    """Give every test caches of its own, and no folder of models."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv(MODELS_FOLDER, raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert cache_folder().is_relative_to(tmp_path)


# download -------------------------------------------------------------------------------------
def test_a_file_arrives_once_and_whole(server, tmp_path):
    path = tmp_path / "a" / "weights.bin"
    assert download(f"{server.url}/weights.bin", path, sha256=SHA, progress=False) == path
    assert path.read_bytes() == CONTENT
    assert first_seen(path) == {"url": f"{server.url}/weights.bin", "sha256": SHA}
    download(f"{server.url}/weights.bin", path, progress=False)
    assert len(server.requests) == 1
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "weights.bin",
        "weights.bin.origin.json",
    ]


def test_an_interrupted_download_goes_on_where_it_stopped(server, tmp_path):
    path, url = tmp_path / "weights.bin", f"{server.url}/weights.bin"
    server.stop_after = 300_000
    with pytest.raises(DownloadError, match="300,000 bytes are kept"):
        download(url, path, progress=False)
    assert not path.exists()
    server.stop_after = None
    download(url, path, sha256=SHA, progress=False)
    assert path.read_bytes() == CONTENT
    assert [wanted for _, _, wanted in server.requests] == [None, "bytes=300000-"]


def test_a_file_that_changed_in_between_starts_again(server, tmp_path):
    path, url = tmp_path / "weights.bin", f"{server.url}/weights.bin"
    server.stop_after = 1000
    with pytest.raises(DownloadError):
        download(url, path, progress=False)
    server.stop_after, server.etag = None, '"two"'
    server.files["/weights.bin"] = b"new" * 5000
    download(url, path, progress=False)
    assert path.read_bytes() == b"new" * 5000


def test_without_an_etag_nothing_is_resumed(server, tmp_path):
    path, url = tmp_path / "weights.bin", f"{server.url}/weights.bin"
    server.stop_after, server.etag = 1000, None
    with pytest.raises(DownloadError):
        download(url, path, progress=False)
    server.stop_after = None
    download(url, path, sha256=SHA, progress=False)
    assert [wanted for _, _, wanted in server.requests] == [None, None]


def test_a_partial_file_that_is_too_long_starts_again(server, tmp_path):
    path, url = tmp_path / "weights.bin", f"{server.url}/weights.bin"
    path.with_name("weights.bin.part").write_bytes(CONTENT + b"more")
    path.with_name("weights.bin.part.etag").write_text(server.etag)
    download(url, path, sha256=SHA, progress=False)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "changed",
    [
        {"Content-Range": "bytes 7-1048575/1048576"},
        {"Content-Range": "items 1000-1048575/1048576"},
        {"Content-Range": "bytes 1000-1048575/*"},
        {"ETag": '"two"'},
    ],
)
def test_another_part_of_the_file_is_not_appended(changed, server, tmp_path):
    path, url = tmp_path / "weights.bin", f"{server.url}/weights.bin"
    server.stop_after = 1000
    with pytest.raises(DownloadError):
        download(url, path, progress=False)
    server.stop_after, server.changed = None, changed
    download(url, path, sha256=SHA, progress=False)
    assert [wanted for _, _, wanted in server.requests] == [None, "bytes=1000-", None]


@pytest.mark.parametrize("length", ["abc", "-1", "1e9", "9" * 5000])
def test_a_length_that_is_no_number(length, server, tmp_path):
    server.changed = {"Content-Length": length}
    with pytest.raises(DownloadError, match="the server announces"):
        download(f"{server.url}/weights.bin", tmp_path / "x", progress=False)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "data:,x"])
def test_a_redirect_leads_to_http_only(target, server, tmp_path, monkeypatch):
    def moved(handler):
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    monkeypatch.setattr(server.http.RequestHandlerClass, "do_GET", moved)
    with pytest.raises(DownloadError, match=r"redirects to|not allowed"):
        download(f"{server.url}/weights.bin", tmp_path / "x", progress=False)


def test_https_stays_https():
    asked = Request("https://a.example/x")
    with pytest.raises(DownloadError, match=r"redirects to http://a.example/y; it may to https"):
        _Redirects().redirect_request(asked, io.BytesIO(), 302, "", {}, "http://a.example/y")
    assert _Redirects().redirect_request(asked, io.BytesIO(), 302, "", {}, "https://b.example/y")


@pytest.mark.parametrize("note", ["", "{", "[]", "null", '{"url": 1}', "[" * 100_000, "\udc00"])
def test_a_damaged_note_of_a_download_is_told(note, server, tmp_path):
    path = tmp_path / "weights.bin"
    download(f"{server.url}/weights.bin", path, progress=False)
    path.with_name("weights.bin.origin.json").write_bytes(note.encode("utf-8", "surrogatepass"))
    with pytest.raises(DownloadError, match=r"origin.json' is no note of a download"):
        first_seen(path)


def test_a_wrong_checksum_keeps_nothing(server, tmp_path):
    path = tmp_path / "weights.bin"
    with pytest.raises(DownloadError, match=f"expected {'0' * 64}"):
        download(f"{server.url}/weights.bin", path, sha256="0" * 64, progress=False)
    assert list(tmp_path.glob("weights*")) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "weights.bin"])
def test_only_http_is_fetched(url, tmp_path):
    with pytest.raises(DownloadError, match="no http address"):
        download(url, tmp_path / "x", progress=False)


def test_a_missing_file_names_the_answer(server, tmp_path):
    with pytest.raises(DownloadError, match="404"):
        download(f"{server.url}/nothing", tmp_path / "x", progress=False)


def tarball(members, mode="w:gz"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_only_the_named_member_is_unpacked_and_only_there(tmp_path):
    archive = tmp_path / "in" / "models.tar.gz"
    archive.parent.mkdir()
    archive.write_bytes(tarball({"../../evil": b"x", "models/A/pytorch_model.bin": b"good"}))
    target = tmp_path / "out" / "A.bin"
    assert extract(archive, "A/pytorch_model.bin", target).read_bytes() == b"good"
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [
        "A.bin", "A.bin.origin.json", "models.tar.gz",
    ]  # fmt: skip
    with pytest.raises(DownloadError, match="no member B"):
        extract(archive, "B/pytorch_model.bin", target)
    archive.write_bytes(archive.read_bytes()[:60])
    with pytest.raises(DownloadError, match="damaged"):
        extract(archive, "A/pytorch_model.bin", target)


def test_a_flipped_byte_in_an_archive_is_noticed(tmp_path):
    archive = tmp_path / "models.tar.gz"
    plain = tarball({"A/model.bin": bytes(5000), "B/other.bin": bytes(5000)}, mode="w")
    whole = gzip.compress(plain, compresslevel=0)
    for place in (600, len(whole) - 6000, len(whole) - 6):
        data = bytearray(whole)
        data[place] ^= 1
        archive.write_bytes(data)
        with pytest.raises(DownloadError, match=r"models.tar.gz' is damaged"):
            extract(archive, "A/model.bin", tmp_path / "A.bin")
        assert not (tmp_path / "A.bin").exists()


def test_members_that_are_no_plain_files(tmp_path):
    archive = tmp_path / "models.tar"
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE):
        info = tarfile.TarInfo("A/model.bin")
        info.type, info.linkname = kind, "/etc/passwd"
        with tarfile.open(archive, "w") as tar:
            tar.addfile(info)
        with pytest.raises(DownloadError, match=r"no member|damaged"):
            extract(archive, "A/model.bin", tmp_path / "A.bin")
        assert not (tmp_path / "A.bin").exists()


# order ----------------------------------------------------------------------------------------
def hub_file(tmp_path, weights, content, commit="c" * 40):
    """Put a file into the hub's cache as the hub's own library does."""
    folder = tmp_path / "hub" / f"models--{weights.hub.replace('/', '--')}"
    place = folder / "snapshots" / commit / weights.hub_file
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(commit)
    return place


@pytest.fixture
def weights(server):
    return Weights(
        file="sub/model.bin", licence="x", hub="someone/model", hub_file="model.bin",
        url=f"{server.url}/weights.bin",
    )  # fmt: skip


def test_sources_are_tried_in_order(weights, server, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", server.url)
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE",
                        server.url + "/{repo_id}/resolve/{revision}/{filename}")  # fmt: skip

    archive = find_weights("m", weights)
    assert archive.origin == f"archive: {server.url}/weights.bin"
    assert archive.sha256 == SHA

    server.files["/someone/model/resolve/main/model.bin"] = b"from the hub"
    kept = find_weights("m", weights)  # what is on disk goes before the network
    assert (kept.path, kept.origin) == (archive.path, archive.origin)
    archive.path.unlink()
    hub = find_weights("m", weights)
    assert hub.path.read_bytes() == b"from the hub"
    assert hub.origin == f"hub: someone/model@{'a' * 40}/model.bin"

    before = len(server.requests)
    assert find_weights("m", weights).origin == hub.origin
    assert len(server.requests) == before  # from the hub's cache

    folder = tmp_path / "models"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "model.bin").write_bytes(b"from the folder")
    monkeypatch.setenv(MODELS_FOLDER, str(folder))
    assert find_weights("m", weights).path.read_bytes() == b"from the folder"

    given = tmp_path / "mine.bin"
    given.write_bytes(b"mine")
    assert find_weights("m", weights, given).path == given
    assert len(server.requests) == before


def test_the_pinned_revision_is_the_one_in_the_cache(weights, tmp_path):
    hub_file(tmp_path, weights, b"old", commit="d" * 40)
    pinned = replace(weights, revision="d" * 40)
    assert find_weights("m", pinned).origin == f"hub: someone/model@{'d' * 40}/model.bin"
    other = replace(weights, revision="e" * 40, url=None)
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        with pytest.raises(WeightsNotFoundError, match="the hub's cache"):
            find_weights("m", other)
    finally:
        del os.environ["HF_HUB_OFFLINE"]


@pytest.mark.parametrize("place", ["sub/model.bin", "m/model.bin"])
def test_two_places_in_the_folder(place, weights, tmp_path, monkeypatch):
    (tmp_path / place).parent.mkdir()
    (tmp_path / place).write_bytes(b"x")
    monkeypatch.setenv(MODELS_FOLDER, str(tmp_path))
    assert find_weights("m", weights).path == tmp_path / place
    assert find_weights("m", weights, tmp_path).path == tmp_path / place


def test_offline_contacts_nobody_and_says_what_to_do(weights, server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsNotFoundError) as caught:
        find_weights("m", weights)
    assert server.requests == []
    message = str(caught.value)
    for part in ("RNAEXPLORE_MODELS (not set)", "hub's cache", "(someone/model) (not contacted",
                 "authors' archive", f"$RNAEXPLORE_MODELS/{weights.file}", server.url):  # fmt: skip
        assert part in message


def test_offline_uses_what_is_on_disk(weights, server, monkeypatch):
    find_weights("m", replace(weights, hub=None))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    before = len(server.requests)
    assert find_weights("m", weights).path.read_bytes() == CONTENT
    assert len(server.requests) == before


def test_a_failing_archive_is_named(weights, server):
    server.files.clear()
    with pytest.raises(WeightsNotFoundError, match="404"):
        find_weights("m", replace(weights, hub=None))


def test_a_member_of_an_archive(server, weights):
    server.files["/models.tar.gz"] = tarball({"m/A/model.bin": b"a", "m/B/model.bin": b"b"})
    first = replace(
        weights, hub=None, url=f"{server.url}/models.tar.gz", archive_member="A/model.bin"
    )
    second = replace(first, file="B.bin", archive_member="B/model.bin")
    assert find_weights("a", first).path.read_bytes() == b"a"
    assert find_weights("b", second).path.read_bytes() == b"b"
    assert len(server.requests) == 1  # one archive for both
    assert find_weights("b", second).origin == f"archive: {server.url}/models.tar.gz#B/model.bin"


def test_models_that_no_program_can_download_name_a_page(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsNotFoundError, match="Google Drive") as caught:
        load_model("rnaernie")
    assert "$RNAEXPLORE_MODELS/RNAErnie/model_state.pdparams" in str(caught.value)


# through the public call ----------------------------------------------------------------------
def random_state(spec):
    return {key: value.clone() for key, value in EsmAdapter.build(spec).state_dict().items()}


@pytest.fixture
def tiny(shrink, server, monkeypatch, tmp_path):
    """Register a small model whose weights the loopback server has."""
    weights = Weights(file="tiny.safetensors", licence="x", url=f"{server.url}/tiny.safetensors")
    spec = replace(shrink("mini", layers=1), name="tiny-of-a-test", weights=weights)
    path = tmp_path / "tiny.safetensors"
    save_file(random_state(spec), path)
    server.files["/tiny.safetensors"] = path.read_bytes()
    monkeypatch.setitem(registry._registry(), spec.name, spec)
    return spec


def test_provenance_and_trust_on_first_use(tiny, server):
    model = load_model("tiny-of-a-test", device="cpu")
    digest = hashlib.sha256(server.files["/tiny.safetensors"]).hexdigest()
    assert model.weights_sha256 == digest
    assert model.source == f"archive: {server.url}/tiny.safetensors"
    path = cache_folder() / "tiny.safetensors"
    save_file({k: torch.zeros_like(v) for k, v in random_state(tiny).items()}, path)
    with pytest.raises(CheckpointError, match=f"not {digest} as when it was published"):
        load_model("tiny-of-a-test", device="cpu")
    note = json.loads(Path(f"{path}.origin.json").read_text())
    assert note["sha256"] == digest


def test_a_published_checksum_is_enforced_on_any_path(tiny, tmp_path, monkeypatch):
    weights = replace(tiny.weights, sha256="0" * 64)
    monkeypatch.setitem(registry._registry(), tiny.name, replace(tiny, weights=weights))
    path = tmp_path / "mine.safetensors"
    save_file(random_state(tiny), path)
    with pytest.raises(CheckpointError, match="not 0000"):
        load_model(tiny.name, weights=path, device="cpu")


def test_the_bundled_model_needs_nothing(monkeypatch):
    if not (Path(registry.__file__).parent / "data" / get_spec("mini").weights.file).is_file():
        pytest.skip("this checkout has no weights of the bundled model yet")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_model("mini", device="cpu").source == "bundled with the package"
