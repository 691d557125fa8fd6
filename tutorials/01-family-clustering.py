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
# # Do embeddings know RNA families?
#
# The best-known tutorial of the field embeds RNAs of three families, averages over residues, draws
# a t-SNE and shows three islands. This one asks the same question and answers it with numbers (they
# are sobering):
#
# 1. real sequences with families, from the sample that comes with the package;
# 2. embeddings that average over **residues only**, and what happens otherwise;
# 3. a map, and a table that compares it with **baselines that are hard to beat**;
# 4. a look into the map: which RNAs lie where they should not.
#
# It runs without a network, in one to five minutes on two CPU cores.

# %%
import matplotlib.pyplot as plt
import numpy as np

import plotly.graph_objects as go
import rnaexplore as rx

# %% [markdown]
# ## Sequences
#
# Seed sequences of nine families, one row an RNA. A FASTA of your own comes in with
# `rx.read_fasta("my.fa")`, Rfam families with `rx.datasets.rfam(["RF00001", "RF00005"])`.

# %%
adata = rx.datasets.rfam_sample()
adata.obs.groupby("family", observed=True)["length"].describe()[["count", "min", "50%", "max"]]

# %% [markdown]
# ## Embeddings
#
# `mini` is the bundled model. Any other name of `rx.list_models()` works the same way once its
# weights are on disk.

# %%
rx.tl.embed(adata, "mini", progress=False)
adata.obsm["X_mini"].shape

# %% [markdown]
# ### Why the mean must leave out padding
#
# A model returns one vector a *token*, and the tokens of a batch are padded to one length. If the
# mean is taken over the padded length (1,024, say), every vector is multiplied by length / 1,024:
# the length of the RNA becomes its strongest feature. Here are both, with the correlation between
# an RNA's length and the norm of its vector.

# %%
length = adata.obs["length"].to_numpy()
correct = adata.obsm["X_mini"]
adata.obsm["X_padded"] = (correct * (length / 1024)[:, None]).astype(np.float32)


def length_in_norm(vectors):
    return np.corrcoef(length, np.linalg.norm(vectors, axis=1))[0, 1]


print(f"mean over residues: r = {length_in_norm(correct):+.2f}")
print(f"mean over padding:  r = {length_in_norm(adata.obsm['X_padded']):+.2f}")
assert length_in_norm(adata.obsm["X_padded"]) > 0.9

# %% [markdown]
# ## Map and clusters

# %% tags=["picture"]
rx.tl.umap(adata, use_rep="X_mini")
rx.tl.cluster(adata, use_rep="X_mini", method="leiden")

with rx.pl.style("nature", width="double"):
    figure, axes = plt.subplots(1, 2, layout="constrained")
    rx.pl.umap(adata, color="family", ax=axes[0])
    rx.pl.umap(adata, color="leiden", ax=axes[1])
plt.show()

# %% [markdown]
# The same map for the screen: hover over a point to see which RNA it is, hide families in the legend.
# Points are cheap in three dimensions, too: `rx.tl.umap(…, n_components=3)`.

# %%
rx.px.umap(adata, color="family")

# %% [markdown]
# ## Is that any good? Compare with what needs no model
#
# Each row of the table is one way to measure how far two RNAs are from each other; most come with two
# distances, Euclidean and cosine. `kind` says what a row is:
#
# - **embedding**: the vectors above; **combined**: with 6-mers set beside them;
# - **baseline**: k-mers of 3 to 6 letters, raw or square-rooted (`sqrt`), `best k-mers` (the best of them,
#   chosen for each family on the *other* families, so that it is not picked by its own score), sequence
#   identity by edit distance, and length. None of them needs a language model;
# - **null**: the same network with random weights, and with its trained weights permuted, which keeps
#   how they are distributed; and shuffled labels.
#
# `knn_accuracy` is the share of RNAs whose ten nearest neighbors are mostly of the right family, with a
# 95 % interval that counts families, not RNAs.

# %%
metrics = rx.tl.evaluate(
    adata, labels="family", use_rep=["X_mini", "X_padded"], model="mini", progress=False
)
metrics[["kind", "distance", "ARI", "knn_accuracy", "knn_accuracy_low", "knn_accuracy_high"]].round(
    3
)

# %%
with rx.pl.style("nature", width="double"):
    rx.pl.metrics(metrics)
plt.show()

# %%
accuracy = metrics["knn_accuracy"]
for name in ("X_mini", "best k-mers", "sequence identity", "X_mini permuted weights"):
    print(f"{name:25s} {accuracy[name]:.3f}")
gain = accuracy["X_mini"] - accuracy[["best k-mers", "sequence identity"]].max()
print(f"mini minus the better of k-mers and identity: {gain:+.3f}")

# %% [markdown]
# Weak baselines flatter a model: it is well above raw 3-mers here, and the table of many papers ends
# there. The last line is what counts. Seeds of a family are relatives, and relatives share words: on such
# RNAs square-rooted 6-mers or plain sequence identity find the family as well as the model or better, and
# tell you more about *why*. So these islands are no evidence that a language model is needed. Look for
# one where sequences are no longer alike: remote relatives, classes that span families, structure.
#
# Two more cautions. The families differ in length, so length alone scores above chance. And `mini` saw
# these families during pretraining; its card in `assets/` has the numbers on families that it has not
# seen, next to the same baselines.

# %% [markdown]
# ## Look inside
#
# `rx.explore` links the map to the table, the sequence, the attention maps and the contact map:
# draw a lasso, click a point. The selection can be read from Python and saved into `obs`.

# %%
explorer = rx.explore(adata, "mini")
explorer

# %% [markdown]
# `rx.link` joins it with a plotly figure of the same RNAs: a lasso in one is the selection of both.

# %%
screen = go.FigureWidget(rx.px.umap(adata, color="leiden"))
rx.link(explorer, screen)
screen

# %% [markdown]
# Which RNAs lie where they should not? Name each cluster by its most frequent family: every RNA of
# another family lies in a foreign cluster. *SRP_euk*, with 13 RNAs, has no cluster of its own; for the
# others, open one in the explorer and look at its sequence, its neighbors and its contact map.

# %%
main = adata.obs.groupby("leiden", observed=True)["family"].agg(lambda f: f.value_counts().index[0])
foreign = adata.obs["family"].astype(str) != adata.obs["leiden"].map(main).astype(str)
print(f"{foreign.sum()} of {adata.n_obs} RNAs lie in a cluster of another family:")
adata.obs.loc[foreign, "family"].value_counts().loc[lambda n: n > 0]

# %%
strange = adata.obs_names[foreign]
assert len(strange) > 0
explorer.selection = list(strange)
explorer.save_selection("foreign")
adata.obs["foreign"].value_counts()
