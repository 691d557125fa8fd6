# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does a model know splice sites?
#
# Nearly all introns begin with GU and end with AG, but most GU and AG are no splice sites. The authors
# of SpliceBERT asked whether their model tells real sites from decoys *without being told*
# (Chen et al. 2024, doi:10.1093/bib/bbae163, figure 3): they took the vectors of the two letters, layer
# by layer, reduced them to principal components, made a neighbor graph, clustered it, and measured the
# normalized mutual information (NMI) of clusters and labels, for GU and AG apart. This notebook does
# that, next to baselines that need no training, for a splice site can be seen without a model: it has
# a consensus, and exons differ from introns in composition. And it corrects for the choice of the best
# layer.
#
# `mini`, the bundled model, was trained on structured non-coding RNAs and has never seen an intron, so
# look at the baselines first. SpliceBERT's own models run beside it if their weights are on disk
# (see [weights and offline use](weights-and-offline-use.md)).

# %%
# %matplotlib inline
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no weights are downloaded here

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

import rnaexplore as rx
from rnaexplore.errors import CheckpointError

rng = np.random.default_rng(0)

# %% [markdown]
# ## Sites
#
# Wanted are stretches of transcripts around annotated splice sites, 401 letters with the site in the
# middle: a table with columns `label` (donor, acceptor), `site_index` (0-based; a donor's GU begins
# there, an acceptor's AG ends there) and `sequence`. Any genome and annotation give such a table, for
# example with `bedtools getfasta -s` around the introns of a GENCODE file. The notebook looks for
# `splice.tsv.gz` in the folder of the environment variable `RNAEXPLORE_DATA`. Without it, it makes up
# sites from the consensus in random letters, so that each call can be tried; those numbers say nothing
# about biology.

# %%
path = Path(os.environ.get("RNAEXPLORE_DATA", "../../shared/data")) / "splice.tsv.gz"
FLANK = 50
EACH = 100 if path.is_file() else 40  # sites of each kind


def annotated(path):
    """Return windows around human donors and acceptors."""
    table = pd.read_csv(path, sep="\t")
    human = table[table["species"] == "homo_sapiens"]
    return human[human["label"].isin(["donor", "acceptor"])].sample(frac=1, random_state=0)


def made_up(n=240):
    """Return windows of random letters with the consensus of a donor or an acceptor inside."""
    rows = []
    for k in range(n):
        letters = rng.choice(list("ACGU"), 401)
        kind, text, start = [("donor", "CAGGUAAGU", 197), ("acceptor", "UUUUCUUUUUCAGG", 188)][
            k // 2 % 2
        ]
        kept = rng.random(len(text)) < 0.85
        letters[start : start + len(text)][kept] = np.array(list(text))[kept]
        letters[199 + (kind == "donor") :][:2] = list("GU" if kind == "donor" else "AG")
        rows.append({"label": kind, "site_index": 200, "sequence": "".join(letters)})
    return pd.DataFrame(rows)


windows = annotated(path) if path.is_file() else made_up()
print(
    "windows:", "human, annotated" if path.is_file() else "made up, for there is no splice.tsv.gz"
)

# %% [markdown]
# From each window one RNA is cut, with the site or a decoy in its middle. A decoy is another GU or AG of
# the *same* windows, at least 20 letters from the site. Site and decoy lie at the same position of RNAs
# of the same length, so that position tells nothing.

# %%
LETTERS = {"donor": "GU", "acceptor": "AG"}


def middle_of(row, decoy):
    """Return where the site of a window begins, or a decoy of it; None if there is none."""
    true = row.site_index - (row.label == "acceptor")
    if not decoy:
        return true
    text = row.sequence
    places = [
        k
        for k in range(FLANK, len(text) - FLANK - 2)
        if text[k : k + 2] == LETTERS[row.label] and abs(k - true) >= 20
    ]
    return int(rng.choice(places)) if places else None


rows = []
counts = {(kind, decoy): 0 for kind in LETTERS for decoy in (False, True)}
for k, row in enumerate(windows.itertuples()):
    decoy = k % 2 == 1
    at = middle_of(row, decoy)
    fits = at is not None and row.sequence[at : at + 2] == LETTERS[row.label]
    if fits and counts[row.label, decoy] < EACH:
        counts[row.label, decoy] += 1
        label = f"not {row.label}" if decoy else row.label
        rows.append((f"{label} {k}", row.sequence[at - FLANK : at + FLANK + 2], label))
rnas = rx.from_sequences({name: sequence for name, sequence, _ in rows})
rnas.obs["label"] = [label for *_, label in rows]
rnas.obs["site"] = FLANK
rnas.obs["label"].value_counts()

# %% [markdown]
# ## Vectors of two letters, layer by layer

# %%
models, skipped = {"mini": rx.load_model("mini")}, []
for name in ("splicebert", "splicebert-510nt", "splicebert-human-510nt"):
    try:
        models[name] = rx.load_model(name)
    except CheckpointError:
        skipped.append(name)
print("models:", ", ".join(models), "| skipped, no weights on disk:", ", ".join(skipped) or "none")
models["mini, random weights"] = models["mini"].randomised(seed=0)
models["mini, permuted weights"] = models["mini"].permuted(seed=0)


def embedded(model):
    """Return sites with the vectors of every layer."""
    layers = range(model.spec.n_layers + 1)
    return rx.tl.embed_sites(
        rnas, model, sites="site", width=2, flank=20, layers=layers, progress=False
    )


sites = {name: embedded(model) for name, model in models.items()}

# %% [markdown]
# ## Clusters, labels and baselines
#
# Three baselines come with `rx.tl.evaluate_sites`, made of the 20 letters on either side: **one-hot**
# letters; the **composition**, shares of A, C, G and U on either side, eight numbers; and square-rooted
# frequencies of **3-mers** on either side. Shuffled labels are the null. To these come the same network
# with **random weights**, which mixes letters without having learned anything, and with **permuted
# weights**, whose size is that of the trained ones.

# %%
scores = {name: rx.tl.evaluate_sites(table) for name, table in sites.items()}
table = pd.concat([frame.assign(model=name) for name, frame in scores.items()])
table["representation"] = table["representation"].str.replace(r".*_(?=layer)", "", regex=True)
table.pivot_table(index="representation", columns=["model", "group"], values="NMI").round(2)

# %% tags=["picture"]
with rx.pl.style("nature", width="double"):
    figure, axes = plt.subplots(1, 2, layout="constrained")
    for ax, name in zip(axes, ["mini", "mini, permuted weights"]):
        rx.pl.layers(scores[name], "NMI_halves", ax=ax).set(title=name, ylim=(0, 0.4))

# %% [markdown]
# ## The best layer, chosen on other transcripts
#
# The highest NMI of all layers was picked by the labels it is scored with, so it is too high. In the row
# `best layer` the layer is chosen on half of the transcripts and scored on the other half, both ways
# (nested choice). `NMI_halves` is the mean NMI of the two halves: the number that a chosen layer and a
# baseline can be compared by.

# %%
BASELINES = ["one-hot", "composition", "3-mers sqrt"]
for name, frame in scores.items():
    for group, rows in frame.groupby("group"):
        told = rows.set_index("representation")["NMI_halves"]
        layers = told[rows.set_index("representation")["kind"] == "embedding"]
        hard = told[BASELINES].idxmax()
        print(f"{name}, {group}: best layer {told['best layer']:.2f} (highest of all ", end="")
        print(
            f"{layers.max():.2f}), {', '.join(f'{b} {told[b]:.2f}' for b in BASELINES)}, ", end=""
        )
        print(f"shuffled labels {told['shuffled labels']:.2f}: ", end="")
        print(f"{'above' if told['best layer'] > told[hard] else 'not above'} {hard}")

# %% [markdown]
# Read it site by site, and compare a model with four rows: the highest baseline, random weights, permuted
# weights, and shuffled labels. For donors (GU) a model can be well above one-hot letters. For acceptors
# (AG), which follow a tract of U and C, eight numbers of composition are hard to beat, and a model that
# does no better shows nothing that counting letters does not.
# With made-up sites, only the consensus is there to be found. And as few sites as these leave wide
# margins: differences of a few hundredths are noise.
#
# Published for 20,000 human sites in windows of 510 letters: SpliceBERT 0.31 (GU) and 0.30 (AG), and by
# layer 0.03 to 0.28, highest in layer 4; DNABERT 0.05 and 0.02; one-hot 0.08 and 0.07. NMI depends on the
# number of sites and on the decoys, so compare within a table, not across papers.
#
# ## A look
#
# Principal components of the highest layer for GU, picked by eye as it were: a picture, not evidence.

# %% tags=["picture"]
from sklearn.decomposition import PCA

name = list(sites)[-3]  # SpliceBERT, if it is there
rows = scores[name].query("group == 'GU' and kind == 'embedding'")
key = rows.loc[rows["NMI"].idxmax(), "representation"]
donors = sites[name][sites[name].obs["residues"] == "GU"].copy()
donors.obsm["X_pca"] = PCA(2, random_state=0).fit_transform(donors.obsm[key])
with rx.pl.style("nature", width="single"):
    ax = rx.pl.embedding(donors, "X_pca", color="label")
    ax.set_title(key.removeprefix("X_").replace("_layer", ", layer "))

# %% [markdown]
# ## What to take home
#
# - Compare sites with decoys of the same letters, in the same place, from the same transcripts.
# - The letters around a site are a strong baseline, and so is their composition; NMI without them means
#   little.
# - The best of several layers is chosen after the fact: report the layer chosen on other transcripts; see
#   [layers and pooling](09-layers-and-pooling.ipynb).
# - A trained model must beat baselines, random and permuted weights, for each kind of site.
