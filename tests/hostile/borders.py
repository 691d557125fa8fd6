"""The borders: what reads files of strangers, with files to begin from."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import tempfile
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

import rnaexplore as rx

FASTA = ">one first of all\nACGUACGU\n>two\nGGGAAACCC\n>three\nNNRYACGU\n"
STOCKHOLM = """# STOCKHOLM 1.0
#=GF ID tRNA
#=GF AC RF00005
#=GS a/1 DE an RNA
a/1 GGGAAA-CC
a/2 GGGAAACCC
#=GC SS_cons <<<...>>>
//
"""
DBN = ">one words\nGGGAAACCC\n(((...))) (-1.20)\n>two\nACGU\n....\n"
CT = "4 dG = -1.2 one words\n1 G 0 2 4 1\n2 A 1 3 0 2\n3 A 2 4 0 3\n4 C 3 0 1 4\n"
BPSEQ = "# one words\n1 G 4\n2 A 0\n3 A 0\n4 C 1\n"
CSV = "name,position,id,reference,alternative\nr1,3,,A,C\nr1,7,x,G,U\n"
VCF = """##fileformat=VCFv4.3
##INFO=<ID=LLR,Number=1,Type=Float,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
r1\t3\t.\tA\tC\t.\tPASS\tLLR=0.5
r1\t7\tx\tG\tT,A\t.\t.\t.
"""


@dataclass(frozen=True)
class Border:
    """One reader.

    Attributes
    ----------
    name
        What it is called.
    suffix
        How its files end.
    seeds
        Makes files that it reads.
    read
        Reads a file, and returns what can be compared.
    """

    name: str
    suffix: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], Any]


def texts(*given: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        plain = [text.encode() for text in given]
        return [*plain, *(gzip.compress(data, mtime=0) for data in plain)]

    return seeds


def frame_of(adata: Any) -> str:
    return adata.obs.to_csv()


def state_of(path: Path) -> list[tuple[str, str]]:
    from rnaexplore.models.checkpoints import read_state

    found = read_state(path)
    return [
        (name, str(t.dtype), tuple(t.shape), t.double().sum().item()) for name, t in found.items()
    ]


def pdparams() -> list[bytes]:
    rng = np.random.default_rng(0)
    state = OrderedDict(a=rng.random((3, 4)).astype("f4"), b=("x", rng.integers(0, 9, 5)))
    return [pickle.dumps(state, protocol=protocol) for protocol in (2, 3, 4, 5)]


def torch_files() -> list[bytes]:
    made = []
    state = {"a": torch.arange(12.0).reshape(3, 4), "b": torch.nn.Parameter(torch.ones(2)), "n": 3}
    for archive in (True, False):
        out = io.BytesIO()
        torch.save(state, out, _use_new_zipfile_serialization=archive)
        made.append(out.getvalue())
    return made


def safetensors() -> list[bytes]:
    from safetensors.torch import save

    return [save({"a": torch.ones(3, 4), "b": torch.zeros(2, dtype=torch.bfloat16)})]


def configuration() -> list[bytes]:
    return [json.dumps({"num_hidden_layers": 6, "max_position_embeddings": 512, "x": [1]}).encode()]


def read_configuration(path: Path) -> Any:
    from rnaexplore.models import get_spec
    from rnaexplore.models.hub_config import read_config, refine

    spec = get_spec("splicebert")
    settings = read_config(path.with_name("model.bin"))
    settings.setdefault("hidden_size", spec.dim)
    return str(refine(spec, settings))


@cache
def annotated() -> Any:
    adata = rx.from_sequences({"a": "GGGAAACCC", "b": "ACGUACGU"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rx.tl.kmers(adata, k=2)
    return adata


def h5ad() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.h5ad"
        annotated().write_h5ad(path)
        return [path.read_bytes()]


def read_h5ad(path: Path) -> str:
    from rnaexplore.io.stored import read_stored

    return frame_of(read_stored(path))


def zarr_store() -> list[bytes]:
    """Return a store as a zip file, which is how one file can be changed in it."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        store = Path(folder) / "a.zarr"
        annotated().write_zarr(store)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for path in sorted(store.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(store).as_posix())
        return [out.getvalue()]


def archive_of_weights() -> list[bytes]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("m/A/model.bin", "m/B/model.bin"):
            info = tarfile.TarInfo(name)
            info.size = 300
            tar.addfile(info, io.BytesIO(bytes(range(250)) + b"x" * 50))
    return [out.getvalue(), gzip.compress(out.getvalue(), mtime=0)]


def read_archive(path: Path) -> bytes:
    from rnaexplore.models.download import extract

    return extract(path, "B/model.bin", path.with_name("out.bin")).read_bytes()


def read_upload(path: Path) -> str:
    from rnaexplore.app.limits import Limits
    from rnaexplore.app.uploads import Incoming, receive

    content = path.read_bytes()
    upload = Incoming.announce(path.name, len(content), Limits(rnas=50, nucleotides=10_000))
    upload.add(content)
    return frame_of(receive(upload).adata)


def read_fasta_both(path: Path) -> str:
    """Read as `read_fasta` and as `embed_to` do: there must be no difference."""
    from rnaexplore.io.records import clean
    from rnaexplore.io.stream import examine, stream_fasta

    whole = rx.read_fasta(path)
    streamed = [clean(record).sequence for record in stream_fasta(examine(path))]
    assert streamed == whole.obs["sequence"].to_list(), "two readers, two results"
    return frame_of(whole)


def borders() -> list[Border]:
    structure = lambda path: frame_of(rx.read_structures(path))  # noqa: E731
    variants = lambda path: rx.io.read_variants(path, on_invalid="drop").to_csv()  # noqa: E731
    return [
        Border("fasta", ".fa", texts(FASTA), read_fasta_both),
        Border("stockholm", ".sto", texts(STOCKHOLM), lambda p: frame_of(rx.read_stockholm(p))),
        Border("dbn", ".dbn", texts(DBN), structure),
        Border("ct", ".ct", texts(CT), structure),
        Border("bpseq", ".bpseq", texts(BPSEQ), structure),
        Border("csv", ".csv", texts(CSV), variants),
        Border("vcf", ".vcf", texts(VCF), variants),
        Border("upload", ".fa", texts(FASTA), read_upload),
        Border("pdparams", ".pdparams", pdparams, state_of),
        Border("torch", ".pt", torch_files, state_of),
        Border("safetensors", ".safetensors", safetensors, state_of),
        Border("config", "config.json", configuration, read_configuration),
        Border("archive", ".tar.gz", archive_of_weights, read_archive),
        Border("h5ad", ".h5ad", h5ad, read_h5ad),
    ]
