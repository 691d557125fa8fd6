"""The borders: what reads files of strangers, with files to begin from."""

from __future__ import annotations

import ast
import gzip
import io
import json
import pickle
import re
import tarfile
import tempfile
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import rnaexplore as rx
from rnaexplore.errors import RnaExploreError
from rnaexplore.io.checksums import verify_store
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
from tests.hostile import folders, pickles, provenance
from tests.hostile.mutations import mutated

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
SITES = "name,kind,position\nr1,donor,3\nr1,acceptor,9\n"
LABELS = "name\tsequence\tkind\na\tGGGAAACCC\tx\nb\tACGU\ty\n"
#: What printed code may call.
OUR_CALLS = (
    "rx.", "adata", "made", "Path", "hashlib.", "sys.exit", "anndata.read_h5ad",
    "anndata.AnnData", "np.", "pd.", "dict", "list", "slice",
)  # fmt: skip
VCF = """##fileformat=VCFv4.3
##INFO=<ID=LLR,Number=1,Type=Float,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
r1\t3\t.\tA\tC\t.\tPASS\tLLR=0.5
r1\t7\tx\tG\tT,A\t.\t.\t.
"""


def write(data: bytes, path: Path) -> None:
    path.write_bytes(data)


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
    change
        Makes a case of the seeds.
    place
        Writes a case where it is read.
    hostile
        Makes files to begin from that it does not read.
    share
        Of cases, where others have 1: stores of many files take long.
    """

    name: str
    suffix: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], Any]
    change: Callable[[list[bytes], np.random.Generator], bytes] = mutated
    place: Callable[[bytes, Path], object] = write
    hostile: Callable[[], list[bytes]] = list
    share: float = 1.0

    def all_seeds(self) -> list[bytes]:
        return self.seeds() + self.hostile()


def texts(*given: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        plain = [text.encode() for text in given]
        return [*plain, *(gzip.compress(data, mtime=0) for data in plain)]

    return seeds


def frame_of(adata: Any) -> str:
    return adata.obs.to_csv()


def state_of(path: Path) -> list[tuple[str, str]]:
    from rnaexplore.models.weights.checkpoints import read_state

    found = read_state(path)
    return [
        (name, str(t.dtype), tuple(t.shape), t.double().sum().item()) for name, t in found.items()
    ]


def pdparams() -> list[bytes]:
    rng = np.random.default_rng(0)
    state = OrderedDict(a=rng.random((3, 4)).astype("f4"), b=("x", rng.integers(0, 9, 5)))
    return [pickle.dumps(state, protocol=protocol) for protocol in (2, 3, 4, 5)]


def hostile_pdparams() -> list[bytes]:
    return [data for data in pickles.pdparams().values() if len(data) < 10_000]


def torch_files() -> list[bytes]:
    made = []
    state = {"a": torch.arange(12.0).reshape(3, 4), "b": torch.nn.Parameter(torch.ones(2)), "n": 3}
    for archive in (True, False):
        out = io.BytesIO()
        torch.save(state, out, _use_new_zipfile_serialization=archive)
        made.append(out.getvalue())
    return made


def hostile_torch_files() -> list[bytes]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [data for _, data in pickles.torch_files() if len(data) < 20_000]


def safetensors() -> list[bytes]:
    from safetensors.torch import save

    return [save({"a": torch.ones(3, 4), "b": torch.zeros(2, dtype=torch.bfloat16)})]


def configuration() -> list[bytes]:
    return [json.dumps({"num_hidden_layers": 6, "max_position_embeddings": 512, "x": [1]}).encode()]


def read_configuration(path: Path) -> Any:
    from rnaexplore.models import get_spec
    from rnaexplore.models.weights.hub_config import read_config, refine

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
    """Return a store of each format."""
    import anndata

    made = []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for version in (2, 3):
            store = Path(folder) / f"{version}.zarr"
            small = annotated()[:, []].copy()
            small.obs = small.obs[["sequence"]]
            small.uns.clear()
            with anndata.settings.override(zarr_write_format=version):
                small.write_zarr(store)
            made.append(folders.packed(store))
    return made


def read_zarr(path: Path) -> str:
    from rnaexplore.io.stored import read_stored

    adata = read_stored(path)
    return frame_of(adata) + str({key: values.sum() for key, values in adata.obsm.items()})


def read_lazily(path: Path) -> str:
    adata = rx.read_lazy(path)
    found = {key: np.asarray(values).sum() for key, values in adata.obsm.items()}
    return frame_of(adata) + str(found)


def summed_store() -> list[bytes]:
    """Return a store with the checksums of its files."""
    from rnaexplore.io.checksums import ROOT, digest_of, root_with_sums

    with tempfile.TemporaryDirectory() as made:
        store = Path(made)
        folders.unpack(zarr_store()[1], store)
        root = store / ROOT
        files = [path for path in store.rglob("*") if path.is_file() and path != root]
        sums = {path.relative_to(store).as_posix(): digest_of(path) for path in files}
        root.write_text(root_with_sums(root.read_text(), sums))
        return [folders.packed(store)]


def tuned() -> list[bytes]:
    """Return the facts of a fine-tuned model."""
    from dataclasses import asdict

    from rnaexplore.models import get_spec
    from rnaexplore.models.finetuned import folder
    from rnaexplore.models.finetuned.tuning import Tuning

    base = get_spec("mini")
    tuning = Tuning(task="sequence", head="linear", target="kind", labels=("a", "b"))
    plain = {name: folder._plain(getattr(base, name)) for name in ("alphabet", "weights")}
    facts = {
        "format": folder.FORMAT, "name": "run", "weights_sha256": "0", "tuning": asdict(tuning),
        "base": folder._plain(base) | plain, "training": {},
    }  # fmt: skip
    return [json.dumps(facts, indent=1, default=folder._listed).encode()]


def read_tuned(path: Path) -> str:
    from rnaexplore.models.finetuned import folder

    facts = folder._read(path)
    return str(folder._built(path.parent, lambda: folder._spec(facts)))


def finetune_run() -> list[bytes]:
    """Return the tables and notes of a run."""
    run = {
        "tuning": {"task": "sequence", "target": "kind", "labels": ["a", "b"]}, "split": "groups",
        "groups": "family", "test_groups": 2, "exposure": "none",
    }  # fmt: skip
    return [folders.archive({
        "run.json": json.dumps(run).encode(),
        "chosen.json": b'{"epoch": 1, "threshold": 0.5, "validation": 0.25}',
        "metrics.csv": b"method,accuracy\nmini,0.5\nprobe,0.25\n",
        "history.csv": b"epoch,loss\n0,1.5\n1,1.25\n",
        "predictions.csv": b"name,part,true,predicted,p_a\nr1,test,a,b,0.25\n",
    })]  # fmt: skip


def read_run(path: Path) -> str:
    from rnaexplore.finetuning import record

    result = record.read(path)
    return "".join(
        map(str, [result.metrics.to_csv(), result.predictions.to_csv(), record.chosen(path)])
    )


def regression() -> list[bytes]:
    from rnaexplore.tl.base_pairs.contact_regression import FORMAT, UNCALIBRATED

    made = {
        "format": FORMAT, "model": "mini", "weights": "0" * 64, "coefficients": [0.5, -1.0],
        "intercept": 0.1, "families": ["a"], "names": ["n"], "sequences": ["0" * 8],
        "family_key": "family", "strength": 0.1, "errors": [0.2, 0.1],
        "curve": [[-1.0, 1.0], [-1.0, 1.0]],
    }  # fmt: skip
    plain = {k: v for k, v in made.items() if k not in {"curve", "errors"}} | {
        "format": UNCALIBRATED
    }
    return [json.dumps(made).encode(), json.dumps(plain).encode()]


def register() -> list[bytes]:
    from rnaexplore.models.exposure import Register

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.npz"
        Register.of(["ACGU" * 30, "GGGAAACCC" * 9], ["RF00005"]).write(path)
        return [path.read_bytes()]


def read_register(path: Path) -> str:
    from rnaexplore.models.exposure import Register

    found = Register.read(path)
    return f"{found.sequences.sum()} {found.kmers.sum()} {sorted(map(str, found.families))}"


def origin_note() -> list[bytes]:
    return [json.dumps({"url": "https://x.org/a.bin", "sha256": "0" * 64}).encode()]


def read_origin(path: Path) -> dict[str, str]:
    from rnaexplore.models.weights.download import first_seen

    return first_seen(path.with_name("a.bin"))


def recipe() -> list[bytes]:
    from rnaexplore.store.files import write_sealed

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recipe.json"
        write_sealed(path, {"recipe": {"model": "mini"}, "root": "{}", "files": {"a": "0"}})
        return [path.read_bytes()]


def read_recipe(path: Path) -> str:
    from rnaexplore.store.files import read_sealed

    return str(read_sealed(path) or "damaged")


def names() -> list[bytes]:
    return [b"mini"]


def hostile_names() -> list[bytes]:
    given = (
        "rnafm", "multimolecule:rnafm", "multimolecule:../../x", "multimolecule:", "../x",
        "/etc/passwd", "~/x", "https://x.org/a.bin", "x" * 5000, "mini\x1b[31m",
    )  # fmt: skip
    return [name.encode() for name in given]


def read_name(path: Path) -> str:
    """Look a model up as `load_model` does; nothing is to be asked of a network."""
    from rnaexplore.models import registry

    name = path.read_bytes().decode("utf-8", "surrogateescape")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("RNAEXPLORE_MODELS", str(path.parent))
        try:
            spec, located = registry._locate(name, None)
        except RnaExploreError as error:
            check_message(str(error))
            raise
        return f"{spec.name} {located.origin}"


def check_message(said: str) -> None:
    """Raise unless a message can be printed anywhere, and has an end."""
    said.encode()
    assert len(said) < 3000, "a message without end"
    assert not re.search("[\x00-\x08\x0b-\x1f]", said), "it steers the terminal"


def read_sites(path: Path) -> str:
    from rnaexplore.tl.mutations.splice_sites import read_splice_sites

    return str(read_splice_sites(path))


def read_labelled(path: Path) -> str:
    from rnaexplore.cli._finetune import read_labelled as read

    return frame_of(read(path))


def printed() -> list[bytes]:
    """Return provenance as it is in ``uns``."""
    made = provenance.anndata().uns["rnaexplore"]
    return [json.dumps(made, default=str).encode()]


def print_code(path: Path) -> str:
    """Print code for the provenance of a stranger, which must be literals and our own calls."""
    import anndata

    try:
        made = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "no JSON"
    adata = anndata.AnnData(obs=pd.DataFrame({"sequence": ["ACGU"]}, index=["a"]))
    adata.uns["rnaexplore"] = made
    code = rx.repro(adata)
    tree = ast.parse(code)
    calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    foreign = [name for name in calls if not name.startswith(OUR_CALLS)]
    assert not foreign, f"code calls {foreign}"
    return code


def archive_of_weights() -> list[bytes]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("m/A/model.bin", "m/B/model.bin"):
            info = tarfile.TarInfo(name)
            info.size = 300
            tar.addfile(info, io.BytesIO(bytes(range(250)) + b"x" * 50))
    return [*pax(), out.getvalue(), gzip.compress(out.getvalue(), mtime=0)]


def pax() -> list[bytes]:
    """Return an archive whose headers have records of any length."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo(f"{'m' * 120}/B/model.bin")
        info.size, info.mtime, info.pax_headers = 300, 1.5, {"comment": "x" * 50, "uname": "ü"}
        tar.addfile(info, io.BytesIO(b"x" * 300))
    return [out.getvalue()]


def read_archive(path: Path) -> bytes:
    from rnaexplore.models.weights.download import extract

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
    folder = (folders.changed, folders.unpack)
    store = (*folder, list, 0.25)
    return [
        Border("fasta", ".fa", texts(FASTA), read_fasta_both),
        Border("stockholm", ".sto", texts(STOCKHOLM), lambda p: frame_of(rx.read_stockholm(p))),
        Border("dbn", ".dbn", texts(DBN), structure),
        Border("ct", ".ct", texts(CT), structure),
        Border("bpseq", ".bpseq", texts(BPSEQ), structure),
        Border("csv", ".csv", texts(CSV), variants),
        Border("vcf", ".vcf", texts(VCF), variants),
        Border("upload", ".fa", texts(FASTA), read_upload),
        Border("pdparams", ".pdparams", pdparams, state_of, hostile=hostile_pdparams),
        Border("torch", ".pt", torch_files, state_of, hostile=hostile_torch_files),
        Border("safetensors", ".safetensors", safetensors, state_of),
        Border("config", "config.json", configuration, read_configuration),
        Border("archive", ".tar.gz", archive_of_weights, read_archive),
        Border("h5ad", ".h5ad", h5ad, read_h5ad),
        Border("zarr", ".zarr", zarr_store, read_zarr, *store),
        Border("lazy", ".zarr", zarr_store, read_lazily, *store),
        Border("sums", ".zarr", summed_store, verify_store, *store),
        Border("run", ".run", finetune_run, read_run, *folder),
        Border("tuned", "tuned.json", tuned, read_tuned),
        Border("regression", ".json", regression, ContactRegression.load),
        Border("register", ".npz", register, read_register),
        Border("origin", "a.bin.origin.json", origin_note, read_origin),
        Border("recipe", "recipe.json", recipe, read_recipe),
        Border("names", "name", names, read_name, hostile=hostile_names),
        Border("sites", ".csv", texts(SITES), read_sites),
        Border("labels", ".tsv", texts(LABELS), read_labelled),
        Border("repro", ".json", printed, print_code),
    ]
