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
# # Do two models see the same?
#
# Two language models can both separate RNA families and still arrange RNAs quite differently.
# This notebook compares models, layer by layer, with two measures that need no labels:
#
# - **linear CKA** asks whether the same *pairs* of RNAs are alike in both representations. It is 1
#   for the same geometry, whatever the number of dimensions, and about 0 for unrelated ones;
# - **neighbour overlap** asks which share of the ten nearest neighbours of an RNA is the same.
#
# Both stand beside what they would be without any training: the same network with random weights,
# and 4-mer frequencies. Random networks are no empty baseline. They mix neighbouring letters, so
# they are alike among themselves and like k-mers.
#
# The notebook runs with whatever weights are on disk and says which models it skipped. The bundled
# model is always there. To add others, download them once (`rx.load_model("rnafm")` with a network
# does it), or put the files into a folder and set `RNAEXPLORE_MODELS` to it.

# %%
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded here

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

import rnaexplore as rx
from rnaexplore.errors import WeightsNotFoundError

# %% [markdown]
# ## RNAs
#
# Twelve RNAs of each family of the shipped sample. Models with a limit read them whole: the sample
# has no RNA beyond 440 nucleotides once the longest are left out, which is the limit of RNABERT.

# %%
sample = rx.datasets.rfam_sample()
short = sample[sample.obs["length"] <= 440]
chosen = short.obs.groupby("family", observed=True).head(12).index
rnas = short[chosen].copy()
rnas.obs["family"].value_counts()

# %% [markdown]
# ## Models on disk
#
# Each candidate is loaded if its weights are found without a network. `verify()` checks each one
# before its numbers are used.

# %%
CANDIDATES = [
    "mini",
    "rnabert",
    "splicebert",
    "rnafm",
    "rnaernie",
    "rnaernie2",
    "rnaernie-multimolecule",
    "rinalmo-micro",
]

models, skipped = {}, []
for name in CANDIDATES:
    try:
        model = rx.load_model(name)
    except WeightsNotFoundError:
        skipped.append(name)
        continue
    report = model.verify()
    if not report.ok:
        raise SystemExit(f"{report}")
    models[name] = model

models["mini, random weights"] = models["mini"].randomised(seed=0)
print("compared:", ", ".join(models))
print("skipped, no weights on disk:", ", ".join(skipped) or "none")

# %% [markdown]
# Every layer of every model goes into `obsm`, pooled as the mean over residues.

# %%
layers = {}
for name, model in models.items():
    vectors = model.embed_layers(list(rnas.obs["sequence"]), names=list(rnas.obs_names))
    layers[name] = [f"X_{name}, layer {k}" for k in range(len(vectors))]
    for key, layer in zip(layers[name], vectors):
        rnas.obsm[key] = layer
rx.tl.kmers(rnas, k=4)

# %% [markdown]
# ## Within one model: where does the representation change?
#
# CKA of each layer with each other layer of `mini`, trained and with random weights. A trained
# network moves on from layer to layer; a random one hardly does.


# %%
def compare(first, second, measure):
    return pd.DataFrame(
        [[measure(rnas, a, b) for b in second] for a in first],
        index=range(len(first)),
        columns=range(len(second)),
    )


with rx.pl.style("nature", width="double"):
    fig, axes = plt.subplots(1, 2, layout="constrained")
    for ax, name in zip(axes, ["mini", "mini, random weights"]):
        table = compare(layers[name], layers[name], rx.tl.cka)
        rx.pl.similarity(table.rename_axis(index="layer", columns="layer"), ax=ax).set_title(name)

# %% [markdown]
# ## Between models: the best match of each layer
#
# For every layer of every model, CKA with the layer of `mini` that it resembles most, beside its
# CKA with 4-mers. Values as high as those of the random network say little about what was learned.

# %%
rows = []
for name, keys in layers.items():
    for k, key in enumerate(keys):
        rows.append(
            {
                "model": name,
                "layer": k / (len(keys) - 1),
                "mini": max(rx.tl.cka(rnas, key, other) for other in layers["mini"]),
                "4-mers": rx.tl.cka(rnas, key, "X_kmer4"),
            }
        )
depth = pd.DataFrame(rows).melt(["model", "layer"], var_name="against", value_name="CKA")
grid = sns.relplot(
    depth, x="layer", y="CKA", hue="model", col="against", kind="line", marker="o", height=3
)
grid.set_axis_labels("layer (0 embeddings, 1 last)", "linear CKA")
grid.set(ylim=(-0.05, 1.05))

# %% [markdown]
# ## Last layers: geometry and neighbours
#
# CKA sees the large distances between families, neighbour overlap the small ones within. Chance
# gives an overlap of 10 / (n - 1).

# %%
last = {name: keys[-1] for name, keys in layers.items()} | {"4-mers": "X_kmer4"}
tables = {}
for title, measure in {
    "linear CKA": rx.tl.cka,
    "neighbour overlap": rx.tl.neighbor_overlap,
}.items():
    tables[title] = compare(list(last.values()), list(last.values()), measure)
    tables[title].index = tables[title].columns = list(last)

chance = 10 / (rnas.n_obs - 1)
print(f"neighbour overlap by chance: {chance:.2f}")

# %% tags=["picture"]
with rx.pl.style("nature", width="double"):
    fig, axes = plt.subplots(1, 2, layout="constrained")
    for ax, (title, table) in zip(axes, tables.items()):
        rx.pl.similarity(table, label=title, ax=ax)

# %% [markdown]
# ## What to keep in mind
#
# Models that agree need not be right: they were trained on much the same sequences. RNA length
# alone makes representations alike, and so does composition, which is what the 4-mers stand for.
# `rx.tl.evaluate` asks the other question, whether a representation separates families better than
# length and k-mers do.
