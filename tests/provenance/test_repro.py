"""The printed code makes the same file again, byte for byte, and says what it cannot make."""

from __future__ import annotations

import subprocess
import sys
import warnings

import anndata as ad
import numpy as np
import pytest
from typer.testing import CliRunner

import rnaexplore as rx
from rnaexplore.cli import app
from rnaexplore.widgets import explore
from rnaexplore.widgets.explorer.regroup import cluster_some, project_some

STEM = "GGGGCACC"
COMPLEMENT = str.maketrans("ACGU", "UGCA")


@pytest.fixture(scope="module")
def fasta(tmp_path_factory):
    """Hairpins with random loops, one of them with T, one twice, one that is no RNA."""
    rng = np.random.default_rng(0)
    loops = ["".join(rng.choice(list("ACGU"), size=n)) for n in rng.integers(4, 9, size=16)]
    rnas = [STEM + loop + STEM[::-1].translate(COMPLEMENT) for loop in loops]
    rnas[3], rnas[5] = rnas[3].replace("U", "T"), rnas[4]
    records = [f">r{k} hairpin {k}\n{rna}\n" for k, rna in enumerate(rnas)]
    path = tmp_path_factory.mktemp("in") / "hairpins.fa"
    path.write_text("".join([*records, ">protein\nMKVLA\n"]))
    return path


@pytest.fixture(scope="module")
def whole(fasta):
    """Every tool that writes, some twice under other keys, and a selection of each kind."""
    with pytest.warns(rx.errors.RnaExploreWarning):
        adata = rx.read_fasta(fasta, on_invalid="drop")
    mini = rx.load_model("mini", device="cpu")
    half = rx.load_model("mini", device="cpu", dtype="bfloat16")
    rx.tl.embed(adata, mini, progress=False)
    rx.tl.embed(adata, half, layer=2, pooling="max", window=20, key_added="X_low", progress=False)
    rx.tl.kmers(adata, k=3)
    rx.tl.kmers(adata, k=3, transform="sqrt", key_added="root")
    rx.tl.nearest_identity(adata)
    rx.tl.cluster(adata, use_rep="X_low", method="hdbscan", min_cluster_size=4)
    rx.tl.group_by_identity(adata, identity=0.7)
    rx.tl.fold(adata, mini, threshold=0.3, progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rx.errors.RnaExploreWarning)  # of mini, once per session
        rx.tl.pseudo_likelihood(adata, mini, method="one-pass", progress=False)
    view = explore(adata)
    view.selection = [0, 2]
    view.save_selection("mine")
    view.save_selection("group", label="a")
    view.selection = [4]
    view.save_selection("group", label="b", overwrite=True)
    return adata


def calls(code):
    return [line for line in code.splitlines() if line.startswith(("rx.", "adata = "))]


def run(code, folder, source, *targets):
    """Run printed code in one fresh interpreter, once a target."""
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    again = (
        "import runpy, sys, warnings\nwarnings.simplefilter('ignore')\n"
        "script, source = sys.argv[1:3]\n"
        "for target in sys.argv[3:]:\n"
        "    sys.argv = [script, source, target]; runpy.run_path(script)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", again, *map(str, (script, source, *targets))],
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_the_printed_code_gives_the_same_bytes_twice(whole, fasta, tmp_path):
    first, second, third = (tmp_path / f"{k}.h5ad" for k in "123")
    whole.write_h5ad(first)
    code = rx.repro(whole)
    assert code.gaps == ()
    done = run(code, tmp_path, fasta, second, third)
    assert done.returncode == 0, done.stderr
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    stored = ad.read_h5ad(second)
    assert calls(rx.repro(stored)) == calls(code)  # a file says what the object said
    assert list(stored.obs["group"].dropna()) == ["a", "a", "b"]


@pytest.mark.filterwarnings("ignore::rnaexplore.errors.RnaExploreWarning")
def test_map_and_clusters_are_the_same_each_time(fasta, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script.py", str(fasta), str(tmp_path / "2.h5ad")])
    adata = rx.read_fasta(fasta, on_invalid="drop")
    rx.tl.kmers(adata, k=3)
    rx.tl.umap(adata, use_rep="X_kmer3", n_neighbors=8, seed=3)
    rx.tl.cluster(adata, use_rep="X_kmer3", key_added="fine", resolution=2.0, n_neighbors=5, seed=7)
    rx.tl.cluster(adata, use_rep="X_kmer3", n_neighbors=6)
    some = np.arange(adata.n_obs) < 12
    cluster_some(adata, some, use_rep="X_kmer3", resolution=0.5, key_added="again")
    project_some(adata, some, use_rep="X_kmer3", key_added="X_closer", seed=5)
    adata.write_h5ad(tmp_path / "1.h5ad")
    code = rx.repro(adata)
    assert code.gaps == ()
    assert "rx.tl.umap(adata, use_rep='X_kmer3', n_neighbors=8, min_dist=0.3, seed=3)" in code
    assert "seed=7, key_added='fine')" in code
    exec(compile(code, "script.py", "exec"), {})
    assert (tmp_path / "1.h5ad").read_bytes() == (tmp_path / "2.h5ad").read_bytes()


def test_code_states_model_settings_seeds_and_versions(whole):
    code = rx.repro(whole)
    assert 'rx.read_fasta(source, on_invalid="drop")' in code
    assert "mini = rx.load_model('mini', device='cpu', dtype='float32')" in code
    assert "mini_2 = rx.load_model('mini', device='cpu', dtype='bfloat16')" in code
    assert "layer=2, pooling='max', window=20, key_added='X_low')" in code
    for name in ("rnaexplore", "python", "numpy", "torch", "umap-learn", "scanpy"):
        assert f"{name} " in code.split('"""')[1], name
    order = [code.index(name) for name in ("X_low", "kmers", "hdbscan", "fold")]
    assert order == sorted(order)


def test_another_input_or_other_weights_stop_the_script(fasta, tmp_path):
    adata = rx.from_sequences({"a": "GGGGAAAACCCC", "b": "GGGAAACCC"})
    rx.tl.embed(adata, "mini", progress=False)
    adata.write_h5ad(tmp_path / "a.h5ad")
    digest = adata.uns["rnaexplore"]["X_mini"]["weights_sha256"]
    changed = rx.repro(adata).replace(digest, "0" * 64)
    done = run(changed, tmp_path, tmp_path / "a.h5ad", tmp_path / "b.h5ad")
    assert done.returncode == 1
    assert "mini has other weights than then" in done.stderr
    clean = tmp_path / "clean.fa"
    clean.write_text(">a\nGGGAAACCC\n")
    code = rx.repro(rx.read_fasta(clean))
    clean.write_text(">a\nGGGAAACCA\n")
    done = run(code, tmp_path, clean, tmp_path / "c.h5ad")
    assert done.returncode == 1
    assert "is not the clean.fa that was read" in done.stderr
    assert not (tmp_path / "c.h5ad").exists()


def test_rnas_given_in_memory_come_from_the_file_itself(tmp_path):
    adata = rx.from_sequences({"a": "GGGGAAAACCCC", "b": "GGGAAACCC"})
    rx.tl.kmers(adata, k=2)
    adata.write_h5ad(tmp_path / "a.h5ad")
    code = rx.repro(adata)
    assert "given in memory (dict)" in code.gaps[0]
    done = run(code, tmp_path, tmp_path / "a.h5ad", tmp_path / "b.h5ad")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.h5ad").read_bytes() == (tmp_path / "b.h5ad").read_bytes()


def test_a_choice_of_the_shipped_sample(tmp_path):
    adata = rx.datasets.rfam_sample()
    trnas = adata[adata.obs["accession"] == "RF00005"][:20].copy()
    rx.tl.kmers(trnas)
    trnas.write_h5ad(tmp_path / "a.h5ad")
    code = rx.repro(trnas)
    assert "adata = rx.datasets.rfam_sample()" in code
    done = run(code, tmp_path, "-", tmp_path / "b.h5ad")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.h5ad").read_bytes() == (tmp_path / "b.h5ad").read_bytes()


def test_what_is_not_made_again_is_named(fasta):
    adata = rx.from_sequences({f"r{k}": "GGGGAAAACCCC"[: 9 + k % 3] for k in range(12)})
    rx.tl.kmers(adata, k=2)
    rx.tl.umap(adata, use_rep="X_kmer2", n_neighbors=4)
    rx.tl.kmers(adata, k=2)
    adata.obsm["X_mine"] = np.zeros((12, 2))
    adata.uns["rnaexplore"]["odd"] = {"magic": 1}
    adata.uns["rnaexplore"]["torn"] = {"decode": "mea", "model": "m"}
    adata.uns["rnaexplore"]["predicted"] = {"folder": "runs/mine", "pooling": "mean"}
    part = adata[:6].copy()
    gaps = " | ".join(rx.repro(part).gaps)
    assert "X_umap was made of an earlier X_kmer2" in gaps
    assert "X_umap was made of 12 RNAs, of which 6 are left" in gaps
    assert "obsm['X_mine']: it was written by hand" in gaps
    assert "odd: rx.repro does not know the tool" in gaps
    assert "torn: its record is not complete" in gaps
    assert "predicted: a model on disk made it, runs/mine" in gaps
    code = rx.repro(part)
    assert code.index("kmers(") < code.index("umap(")
    compile(code, "script", "exec")


def test_files_of_older_versions_still_give_code():
    adata = rx.from_sequences({f"r{k}": "GGGGAAAACCCC" for k in range(12)})
    rx.tl.kmers(adata, k=2)
    rx.tl.umap(adata, use_rep="X_kmer2", n_neighbors=4)
    made = adata.uns["rnaexplore"]
    for record in (made["X_kmer2"], made["X_umap"]):
        for name in ("step", "versions", "n_obs"):
            del record[name]
    for name in ("reader", "sha256", "on_invalid"):
        del made["input"][name]
    code = rx.repro(adata)
    assert code.index("kmers(") < code.index("umap(")
    compile(code, "script", "exec")


def test_it_shows_as_code():
    code = rx.repro(rx.from_sequences(["GGGAAACCC"]))
    assert repr(code) == str(code)
    assert code._repr_markdown_() == f"```python\n{code}```"
    with pytest.raises(TypeError, match="takes an AnnData, got str"):
        rx.repro("a.h5ad")


def test_command(tmp_path):
    (tmp_path / "a.fa").write_text(">a\nGGGAAACCC\n")
    adata = rx.read_fasta(tmp_path / "a.fa")
    adata.write_h5ad(tmp_path / "a.h5ad")
    shown = CliRunner().invoke(app, ["repro", str(tmp_path / "a.h5ad")])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == rx.repro(adata)
    (tmp_path / "b.h5ad").write_text("no HDF5")
    refused = CliRunner().invoke(app, ["repro", str(tmp_path / "b.h5ad")])
    assert refused.exit_code == 2
    assert "is no .h5ad file" in refused.stderr
