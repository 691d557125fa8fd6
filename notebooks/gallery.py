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
# # Figures: paper, screen, linked views
#
# Every view has three faces. `rx.pl` draws for paper, with matplotlib and seaborn; `rx.px` draws the
# same values for the screen, as a plotly figure to hover over, restyle, put into a page or save as JSON;
# `rx.widgets` links views with each other and with Python. Here is one figure a function, from the
# sample and the model that come with the package.
#
# Each function of `rx.pl` draws on an `Axes` and returns it. Saving is yours, inside the same `with`: it makes a
# column's width, text that stays text, embedded fonts and rasterised points, for
# `"nature"`, `"cell"`, `"ieee"` or a `"poster"`, `"single"` or `"double"` columns wide:
#
# ```python
# with rx.pl.style("nature", width="single"):
#     rx.pl.umap(adata, color="family").figure.savefig("map.pdf")
# ```
#
# Each function of `rx.px` has the same name and returns a `plotly.graph_objects.Figure`, which shows
# and saves nothing by itself: `update_layout(template="rnaexplore+dark")` restyles it,
# `write_html("map.html")` makes a page, and `write_image("map.svg")` a file, where `kaleido` and a
# browser are installed.

# %%
# %matplotlib inline
import warnings

import numpy as np
import pandas as pd

import rnaexplore as rx

adata = rx.datasets.rfam_sample()
model = rx.load_model("mini")
rx.tl.embed(adata, model, progress=False)
rx.tl.cluster(adata, use_rep="X_mini")
rx.tl.umap(adata, use_rep="X_mini")

# %% [markdown]
# One tRNA, its known structure, its attention maps and its contacts.

# %%
trna = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
reference = rx.Structure.from_dot_bracket(*adata.obs.loc[trna, ["sequence", "structure"]])
maps = rx.tl.attention(adata, trna, model)
contacts = rx.tl.contacts(adata, trna, model)
predicted = contacts.decode()

# %% [markdown]
# ## A map of RNAs
# A legend at the side or below; where there are many names, these stand on the map. Numbers get a color bar.

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.umap(adata, color="family")

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.umap(adata, color="leiden", legend="map")

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.embedding(adata, "X_umap", color="length")

# %%
rx.px.umap(adata, color="family")

# %%
rx.px.embedding(adata, "X_umap", color="length", palette="cividis")

# %% [markdown]
# In three dimensions, to be turned with the mouse.

# %%
rx.tl.umap(adata, use_rep="X_mini", n_components=3, key_added="X_umap_3d")
rx.px.embedding(adata, "X_umap_3d", color="family")

# %% [markdown]
# The linked view: a lasso in it is a selection in Python, and in every figure that `rx.link` joins.

# %%
rx.widgets.EmbeddingMap(adata, color="family", size=5, opacity=0.7)

# %% [markdown]
# A number by group; with `selection=view.selection` a selection beside all others.

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.distribution(adata, "length", groupby="family")

# %%
rx.px.distribution(adata, "length", groupby="family")

# %% [markdown]
# ## Attention
# All heads at a glance, then one of them.

# %%
with rx.pl.style("cell", width="single"):
    rx.pl.head_grid(maps)

# %%
with rx.pl.style("cell", width="single"):
    rx.pl.attention(maps, layer=4, head=0)

# %%
rx.px.head_grid(maps, marked=(4, 0))

# %%
rx.px.attention(maps, layer=4, head=0, reference=reference)

# %%
rx.widgets.AttentionViewer(maps, reference)

# %% [markdown]
# Heads ranked over several RNAs, beside shuffled sequences, random weights and random pairs.

# %%
few = adata[adata.obs.groupby("family", observed=True).head(10).index].copy()
short = few[(few.obs["length"] < 120) & few.obs["structure"].str.contains("(", regex=False)]
heads = rx.tl.score_heads(short.copy(), model, n_max=3, progress=False)
with rx.pl.style("nature", width="double"):
    rx.pl.head_scores(heads)

# %%
rx.px.head_scores(heads)

# %% [markdown]
# The strongest pairs of a head as arcs, the known structure below.

# %%
values = maps.symmetrize().apc().at(4, 0)
rows, columns = np.triu_indices(len(values), 4)
best = np.argsort(-values[rows, columns])[: len(reference.pairs)]
with rx.pl.style("nature", width="double"):
    rx.pl.pair_arcs(
        maps.sequence, np.stack([rows[best], columns[best]], axis=1), reference=reference
    )

# %%
rx.px.pair_arcs(maps.sequence, np.stack([rows[best], columns[best]], axis=1), reference=reference)

# %% [markdown]
# ## Contacts
# The prediction above the diagonal, the known structure below it, and both scores in the title.

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.contacts(contacts, reference=reference, predicted=predicted)

# %%
rx.px.contacts(contacts, reference=reference, predicted=predicted)

# %%
rx.widgets.ContactStudio(contacts, reference)

# %% [markdown]
# Whether probabilities hold: the share of true pairs at each predicted probability, and how many
# pairs there are. These RNAs were in the training of the model.

# %%
checked = adata[adata.obs.groupby("family", observed=True).head(4).index].copy()
reliability = rx.tl.reliability(checked, model, on_seen="ignore", progress=False)
with rx.pl.style("nature", width="single"):
    rx.pl.reliability({"mini": reliability})

# %%
rx.px.reliability({"mini": reliability})

# %% [markdown]
# ## Structures
# As arcs, prediction above and reference below; and drawn in the plane.

# %%
with rx.pl.style("nature", width="double"):
    rx.pl.arcs(predicted, reference=reference)

# %%
rx.px.arcs(predicted, reference=reference)

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.structure(reference)

# %%
paired = contacts.probabilities.max(axis=0)
with rx.pl.style("nature", width="single"):
    rx.pl.structure(reference, color=paired, label="highest contact probability")

# %%
rx.px.structure(reference, color=paired, label="highest contact probability")

# %% [markdown]
# ## Mutations
# Every substitution, under the structure and what the model is sure of.

# %%
mutations = rx.tl.mutate(adata, trna, model, progress=False)
with rx.pl.style("nature", width="double"):
    rx.pl.mutations(mutations, structure=reference)

# %%
rx.px.mutations(mutations, structure=reference)

# %%
rx.widgets.MutationViewer(mutations, structure=reference)

# %% [markdown]
# ## Fitness of variants
# Scores against measurements, here made up: the share of base pairs that a variant leaves intact, with
# noise. Then how well scores agree with them, by number of mutations; lines are 95 % intervals. `mini`
# warns that it is not for scoring variants; here only the drawing matters.

# %%
warnings.filterwarnings("ignore", message="mini predicts unpaired residues")
rng = np.random.default_rng(0)
wild, pairs = reference.sequence, reference.pairs.tolist()
variants = []
for k in range(150):
    sites = sorted(rng.choice(len(wild), 1 + k % 3, replace=False))
    new = [rng.choice([b for b in "ACGU" if b != wild[i]]) for i in sites]
    variants.append(",".join(f"{wild[i]}{i + 1}{b}" for i, b in zip(sites, new, strict=True)))
fitness = rx.tl.fitness(variants, wild, model, progress=False)
can_pair = {"AU", "UA", "GC", "CG", "GU", "UG"}
fitness["measured"] = [
    np.mean([s[i] + s[j] in can_pair for i, j in pairs]) + 0.02 * rng.normal()
    for s in fitness["sequence"]
]
with rx.pl.style("nature", width="single"):
    rx.pl.fitness(fitness, measured="measured")

# %%
rx.px.fitness(fitness, measured="measured")

# %%
agreement = rx.tl.evaluate_fitness(fitness, measured="measured", n_boot=200)
shown = agreement["score"].isin(["score", "combined", "-edit_distance"])
with rx.pl.style("nature", width="single"):
    rx.pl.fitness_metrics(agreement[shown])

# %%
rx.px.fitness_metrics(agreement[shown])

# %% [markdown]
# ## Scores, with baselines that are hard to beat
# Lines are 95 % intervals by family.

# %%
scores = rx.tl.evaluate(few, use_rep="X_mini", progress=False)
with rx.pl.style("ieee", width="single"):
    rx.pl.metrics(scores)

# %%
rx.px.metrics(scores)

# %% [markdown]
# ## Layers
# A score of every layer; the large dot is the highest, chosen after the fact; `best layer` is the layer
# chosen on other families, to be compared with the baselines.

# %%
sweep = rx.tl.layer_sweep(few, model, progress=False)
with rx.pl.style("nature", width="single"):
    rx.pl.layers(sweep, "knn_accuracy")

# %%
rx.px.layers(sweep, "knn_accuracy")

# %% [markdown]
# How alike the layers are.

# %%
vectors = model.embed_layers(list(short.obs["sequence"]))
rnas = rx.from_sequences(short.obs["sequence"].to_dict())
for k, layer in enumerate(vectors):
    rnas.obsm[f"layer {k}"] = layer
alike = [[rx.tl.cka(rnas, a, b) for b in rnas.obsm] for a in rnas.obsm]
table = pd.DataFrame(alike).rename_axis(index="layer", columns="layer")
with rx.pl.style("cell", width="single"):
    rx.pl.similarity(table)

# %%
rx.px.similarity(table)

# %% [markdown]
# Representations that are alike beside each other, with the tree of their clusters.

# %%
for n in (3, 4, 6):
    rx.tl.kmers(rnas, k=n, key_added=f"{n}-mers")
names = list(rnas.obsm)
alike = [[rx.tl.cka(rnas, a, b) for b in names] for a in names]
table = pd.DataFrame(alike, index=names, columns=names)
with rx.pl.style("nature", width="single"):
    rx.pl.clustered_similarity(table)

# %%
rx.px.clustered_similarity(table)

# %% [markdown]
# ## A probe
# Tested on RNAs that are no relatives of those that it was trained on, and on a random split, which
# is too easy.

# %%
probe = rx.tl.probe(few, "family", use_rep="X_mini")
careless = rx.tl.probe(few, "family", use_rep="X_mini", split="random")
with rx.pl.style("nature", width="single"):
    rx.pl.probe({"random split": careless, "relatives held out": probe}, "macro_f1")

# %%
rx.px.probe({"random split": careless, "relatives held out": probe}, "macro_f1")

# %% [markdown]
# Which classes it takes for which.

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.confusion(probe.confusion("X_mini"))

# %%
rx.px.confusion(probe.confusion("X_mini"))

# %% [markdown]
# ## Curves of fine-tuning
# A table like that of `rx.finetune(…).history`.

# %%
curves = pd.DataFrame(
    {
        "train_loss": [1.09, 0.71, 0.48, 0.33, 0.24, 0.17],
        "valid_loss": [0.98, 0.70, 0.57, 0.52, 0.55, 0.60],
        "best": [False, False, False, True, False, False],
    },
    index=pd.RangeIndex(1, 7, name="epoch"),
)
with rx.pl.style("nature", width="single"):
    rx.pl.history(curves)

# %%
rx.px.history(curves)

# %% [markdown]
# ## Colours
# `rx.pl.palette(n)` has the colours for your own figures, safe for colour-blind readers up to seven.

# %% [markdown]
# ## Several panels
# A letter a panel; `height` is in millimetres.

# %%
with rx.pl.style("nature", width="double"):
    figure, axes = rx.pl.panels("aabbcc;dddeee", height=130)
    rx.pl.umap(adata, color="family", ax=axes["a"])
    rx.pl.attention(maps, layer=4, head=0, ax=axes["b"])
    rx.pl.contacts(contacts, reference=reference, predicted=predicted, ax=axes["c"])
    rx.pl.structure(reference, ax=axes["d"])
    rx.pl.arcs(predicted, reference=reference, ax=axes["e"])

# %% [markdown]
# ## All views together
# The explorer links map, table, sequence, attention and contacts. Every view draws itself for the other
# two: `view.savefig("map.pdf")` for paper, `view.to_plotly()` for the screen; the buttons SVG and PNG in
# it save what is seen.

# %%
view = rx.explore(adata, model)
view.selection = list(adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()])
view

# %%
view.to_plotly()
