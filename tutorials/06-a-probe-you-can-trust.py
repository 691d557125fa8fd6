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
# # A probe you can trust
#
# A probe is a simple model on top of frozen embeddings. If it predicts a label, the embeddings hold
# what the label needs. So far, so good; but RNAs come in families, and a probe that is tested on close
# relatives of what it was trained on needs to know nothing but who is whose cousin. This notebook
# builds a label that *cannot* be learned, shows that a careless probe learns it all the same, and then
# asks an honest question.
#
# Everything runs with `mini`. Any model will do: `MODEL = "rnafm"`, or `"splicebert"`, once its weights
# are on disk (see [weights and offline use](weights-and-offline-use.md)).

# %%
MODEL = "mini"

# %%
# %matplotlib inline
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded here

import numpy as np

import rnaexplore as rx

rnas = rx.datasets.rfam_sample()
rx.tl.embed(rnas, MODEL, progress=False)
rep = f"X_{MODEL}"

# %% [markdown]
# ## Who is related to whom
#
# RNAs that are at least 80 % identical are relatives, and so are relatives of relatives. All pairs are
# compared, so none is missed.

# %%
rx.tl.group_by_identity(rnas, identity=0.8)
sizes = rnas.obs["identity_group"].value_counts()
print(f"{rnas.n_obs} RNAs in {len(sizes)} groups; the largest: {list(sizes[:5])}")
print(f"RNAs with at least one relative: {(sizes[sizes > 1].sum()) / rnas.n_obs:.0%}")

# %% [markdown]
# ## A label that cannot be learned
#
# Each group of relatives draws a coin, and all its members get the same side. Nothing about the RNAs
# decides the coin. On RNAs without a relative in training, any probe must be right half of the time.

# %%
related = rnas[rnas.obs["identity_group"].map(sizes).astype(int) > 1].copy()
groups = sorted(set(related.obs["identity_group"].astype(str)))
coins = dict(zip(groups, np.random.default_rng(0).permutation(len(groups)) % 2))
related.obs["coin"] = [
    "heads" if coins[g] else "tails" for g in related.obs["identity_group"].astype(str)
]

careless = rx.tl.probe(related, "coin", use_rep=rep, split="random", groups="identity_group")
honest = rx.tl.probe(related, "coin", use_rep=rep, split="group", groups="identity_group")
print("random split\n", careless.summary()[["kind", "balanced_accuracy"]].to_string(), sep="")
print("\ngroup split\n", honest.summary()[["kind", "balanced_accuracy"]].to_string(), sep="")

# %% [markdown]
# With a random split the embeddings seem to know the coin, and so do 4-mers. With whole groups held out
# the truth comes back: 0.5 lies within the intervals, or close to them. The intervals are wide, and
# they should be: they are drawn over groups, because a hundred relatives are not a hundred witnesses.

# %% tags=["picture"]
with rx.pl.style("nature", width="single"):
    ax = rx.pl.probe({"random split": careless, "groups held out": honest}, "balanced_accuracy")
    ax.axvline(0.5, color="0.6", lw=0.8, ls=":")

# %% [markdown]
# ## An honest question: families
#
# Can the family be read from the embedding of an RNA that is no close relative of those trained on?
# Families are the target here, so groups are relatives by sequence; the result says so. Beside the
# embedding stand 3-mers, 4-mers, length and one-hot letters, the most frequent class, and the same probe
# trained on shuffled labels.

# %%
families = rx.tl.probe(rnas, "family", use_rep=rep)
families

# %%
best = families.scores.query("kind == 'baseline'")["macro_f1"].idxmax()
ours, theirs = families.scores.loc[rep], families.scores.loc[best]
apart = ours["macro_f1_low"] > theirs["macro_f1_high"]
print(f"{rep}: {ours['macro_f1']:.2f}; best baseline, {best}: {theirs['macro_f1']:.2f}")
print("the intervals are apart" if apart else "the intervals overlap: no claim to be made")

# %% [markdown]
# These families are ones that `mini` was trained on, which its card says. A score on them is an upper
# bound of what it does with families that it has not seen.
#
# Which classes fail? The table has precision, recall and F1 of each, the figure shows who is taken for
# whom.

# %%
families.per_class(rep).round(2)

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.confusion(families.confusion(rep))

# %% [markdown]
# ## Numbers, and families held out
#
# Numbers are predicted as numbers. Here families are known and are not the target, so whole families are
# held out: each RNA is tested by a probe that has seen none of its family. The GC content is an easy
# target, which 3-mers hold by definition; an embedding should at least not have lost it.

# %%
rnas.obs["gc"] = [np.mean([c in "GC" for c in s]) for s in rnas.obs["sequence"]]
gc = rx.tl.probe(rnas, "gc", use_rep=rep)
print(gc.groups, "held out")
gc.summary()[["kind", "r2", "spearman"]]

# %% [markdown]
# ## A list for your own probe
#
# 1. Hold out what is related: `split="group"`, or a column of your own with `groups=`.
# 2. Look at the baselines in the same table before you look at your model.
# 3. Believe the interval, not the point, and mind that it covers the choice of tested RNAs alone.
# 4. A shuffled target that scores above chance means that something leaks.
# 5. Say which of the RNAs the model may have seen in its own training.
