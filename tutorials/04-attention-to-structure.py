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
# # From attention to structure, and how much of it is thermodynamics?
#
# A contact map from attention can be decoded into a secondary structure and scored. A good score
# alone says little: folding by energies, which has read no sequence at all, is often good too. Three
# sources of a right pair have to be told apart:
#
# - **thermodynamics**: the pair is where the energy is, and ViennaRNA finds it as well;
# - **memory**: the model has seen relatives of this RNA;
# - **luck**: some pairs are right at random.
#
# Each gets its own control below. You need ViennaRNA for this: `pip install 'rnaexplore[vienna]'`.

# %%
import numpy as np

import rnaexplore as rx

adata = rx.datasets.rfam_sample()
model = rx.load_model("mini")
rng = np.random.default_rng(0)

# %% [markdown]
# ## One RNA
#
# Above the diagonal what the model says, below what the energies say. Squares are pairs that both
# have. The warning is part of the result: this family was in the training of the model.

# %% tags=["picture"]
name = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
reference = rx.Structure.from_dot_bracket(*adata.obs.loc[name, ["sequence", "structure"]])
attention = rx.tl.contacts(adata, name, model, method="regression")
energies = rx.tl.contacts(adata, name, "vienna", method="vienna")
with rx.pl.style("nature", width="single"):
    rx.pl.contacts(attention, other=energies)

# %% [markdown]
# In the studio every step between map and structure can be moved: the threshold, the decoder, the
# smallest loop, canonical pairs only. Scores, drawing and arcs follow; a helix under the mouse
# lights up everywhere. `Below` compares with the reference or with ViennaRNA.

# %%
studio = rx.widgets.ContactStudio.of(adata, name, model)
studio.against = "ViennaRNA"
studio

# %% [markdown]
# ## Probabilities and scores
#
# The contact head and ViennaRNA give probabilities, and a threshold of 0.3 means the same for every
# RNA. The mean of some heads, or a Jacobian, gives scores: they rank the pairs of one RNA, and the
# best pair is 1 even if it is poor. Such a map says so, has no `.probabilities`, and is cut by rank:
# the best pairs, so many per residue.

# %%
ranked = rx.tl.contacts(
    adata, name, model, method="heads", heads=[(5, 0), (5, 1)], on_seen="ignore"
)
print(attention)
print(ranked)
print(attention.decode(threshold=0.3).dot_bracket)
print(ranked.decode(pairs_per_residue=0.4).dot_bracket)

# %% [markdown]
# Without arguments `decode` uses the defaults of the package, which were chosen on families that
# were held out for development. `rx.tl.fold`, the command line and the studio use the same.

# %%
print(rx.structure.DEFAULT)

# %% [markdown]
# One tRNA proves nothing, and tRNAs least of all: `mini` was trained on tRNAs.
#
# ## Many RNAs, and luck
#
# Structures are decoded by the defaults, on both sides, and scored against the known ones. Two
# controls tell what luck gives: the same heads with **random weights**, and **random canonical
# pairs** in place of a prediction, which know only the composition of the sequence.

# %%
# Some consensus structures have no pair.
paired = adata.obs["structure"].str.contains("(", regex=False)
short = adata[paired & (adata.obs["length"] <= 200)]
per_family = short.obs.groupby("family", observed=True).head(8)
chosen = short[per_family.index].copy()
print(chosen.n_obs, "RNAs of", chosen.obs["family"].nunique(), "families")

HEADS = [(layer, head) for layer in (3, 4, 5) for head in (0, 1)]
untrained = model.randomised(seed=0)


def random_pairs(sequence):
    """Return pairs from canonical candidates in random order: composition, and nothing else."""
    n = len(sequence)
    scores = np.triu(rng.random((n, n)).astype(np.float32), 4)
    noise = rx.maps.ContactMap(scores + scores.T, sequence, "random", "luck", kind="score")
    return noise.decode().dot_bracket


def known(rna):
    return rx.Structure.from_dot_bracket(*adata.obs.loc[rna, ["sequence", "structure"]])


rx.tl.fold(chosen, model, key_added="mini", progress=False)
rx.tl.fold(chosen, method="vienna", key_added="ViennaRNA", progress=False)
rx.tl.fold(
    chosen, untrained, method="heads", heads=HEADS, key_added="random weights", progress=False
)
chosen.obs["random pairs"] = [random_pairs(sequence) for sequence in chosen.obs["sequence"]]

METHODS = ["mini", "ViennaRNA", "random weights", "random pairs"]
table = rx.tl.evaluate_structures(chosen, METHODS, by="family")
for how in METHODS:
    row = table.loc[(how, "all RNAs")]
    print(f"{how:15s} mean F1 {row['f1']:.2f} strict, {row['f1_shifted']:.2f} within ±1")

# %% [markdown]
# Look at families and at kinds of RNAs before the mean. A model that is ahead on one family and
# behind on others has learned that family. And single hairpins are easy: what a method can do shows
# on branched RNAs. Intervals resample families, for RNAs of one family are alike; with so few
# families they are wide.

# %%
kinds = ["shape: hairpins", "shape: branched", "canonical reference pairs", "mean of families"]
groups = [*chosen.obs["family"].cat.remove_unused_categories().cat.categories, *kinds]
columns = ["f1", "f1_low", "f1_high", "n", "n_families"]
for how in ("mini", "ViennaRNA"):
    print(how)
    print(table.loc[how].loc[groups, columns].round(2), end="\n\n")

# %% [markdown]
# Which of the two is better is a question about the difference, RNA by RNA.

# %%
difference = rx.tl.compare_structures(chosen, "mini", "ViennaRNA")
print(difference.loc[["all RNAs", *kinds], ["f1", "f1_low", "f1_high", "n"]].round(2))

# %% [markdown]
# All of these RNAs were in the training data of `mini`, as `rx.tl.fold` warned, so nothing above is a
# result about folding. On families that it has *not* seen its card reports the comparison
# (`assets/mini-card.md`, with the command that makes the tables).
#
# ## Are the probabilities probabilities?
#
# Of the pairs that get a probability of about 0.3, about 30 % should be true. Points on the diagonal
# are calibrated; below it a method is surer than it should be. On families that a read-out was
# fitted on it looks better than it is, so `mini`'s was fitted and calibrated on families held out of
# training, and its card has this figure for families that neither has seen.

# %% tags=["picture"]
tables = {
    "mini": rx.tl.reliability(chosen, model, on_seen="ignore", progress=False),
    "ViennaRNA": rx.tl.reliability(chosen, method="vienna", progress=False),
}
with rx.pl.style("nature", width="single"):
    rx.pl.reliability(tables)

# %% [markdown]
# A regression of your own is calibrated, too, if it is fitted on RNAs of several families: each is
# held out in turn. What it was fitted on is kept with it, and told when it is used.

# %%
some = chosen[chosen.obs["family"] != "tRNA"].copy()
fitted = rx.tl.fit_contacts(some, model, progress=False)
print(fitted)

# %% [markdown]
# ## Which right pairs are thermodynamics?
#
# Of the pairs that are right, some are found by both, some by one alone. What both find needs no
# language model to explain it.

# %%
structures = {
    how: {
        rna: rx.Structure.from_dot_bracket(*chosen.obs.loc[rna, ["sequence", how]])
        for rna in chosen.obs_names
    }
    for how in METHODS
}
counts = {"both": 0, "model alone": 0, "energies alone": 0, "neither": 0}
for rna in chosen.obs_names:
    truth = {tuple(p) for p in known(rna).pairs.tolist()}
    by_model = truth & {tuple(p) for p in structures["mini"][rna].pairs.tolist()}
    by_energy = truth & {tuple(p) for p in structures["ViennaRNA"][rna].pairs.tolist()}
    counts["both"] += len(by_model & by_energy)
    counts["model alone"] += len(by_model - by_energy)
    counts["energies alone"] += len(by_energy - by_model)
    counts["neither"] += len(truth - by_model - by_energy)
total = sum(counts.values())
for who, count in counts.items():
    print(f"{who:15s} {count:5d} known pairs, {count / total:.0%}")
explained = counts["both"] / (counts["both"] + counts["model alone"])
print(f"of the model's right pairs, energies alone explain {explained:.0%}")
assert total == sum(len(known(rna).pairs) for rna in chosen.obs_names)

# %% [markdown]
# ## Control for memorization: shuffled sequences
#
# Shuffle the letters of each RNA. No family is left that could be remembered, but the shuffled
# sequence still folds: ViennaRNA says how (two empty structures count as agreeing). If the model has
# learned something like thermodynamics, it must agree with ViennaRNA here, more than it agrees with
# ViennaRNA's fold of *another* shuffled sequence, which is what luck gives.

# %%
made_up = rx.from_sequences(
    {rna: "".join(rng.permutation(list(known(rna).sequence))) for rna in chosen.obs_names}
)
folded = {
    rna: rx.tl.contacts(made_up, rna, "vienna", method="vienna").decode()
    for rna in made_up.obs_names
}
guessed = {rna: rx.tl.contacts(made_up, rna, model).decode() for rna in made_up.obs_names}


def agreement(one, other):
    """Return strict F1 of two structures, the longer one cut to the length of the shorter."""
    n = min(len(one), len(other))
    cut = [rx.Structure("N" * n, s.pairs[s.pairs[:, 1] < n]) for s in (one, other)]
    return rx.structure.score(*cut)["f1"]


def mean_agreement(partner_of):
    partners = [partner_of(k) for k in range(made_up.n_obs)]
    found = zip(made_up.obs_names, partners, strict=True)
    return np.mean([agreement(guessed[rna], folded[partner]) for rna, partner in found])


names = list(made_up.obs_names)
own = mean_agreement(lambda k: names[k])
others = mean_agreement(lambda k: names[(k + 1) % len(names)])
real = np.mean(
    [agreement(structures["mini"][rna], structures["ViennaRNA"][rna]) for rna in chosen.obs_names]
)
calls = [np.mean([len(s.pairs) for s in every.values()]) for every in (guessed, folded)]
print(f"real RNAs:      model and energies agree with F1 {real:.2f}")
print(f"made-up RNAs:   model and energies agree with F1 {own:.2f}")
print(f"luck:           model and energies of another RNA {others:.2f}")
print(f"pairs per made-up RNA: model {calls[0]:.1f}, energies {calls[1]:.1f}")

# %% [markdown]
# Read the numbers together, the last line too: fewer pairs agree with less. What is left there above
# luck is what the model knows about pairing in general. The gap between real and made-up RNAs is
# what needed a real RNA: homology that was in the training data, or energies that real RNAs have and
# shuffled ones have not. These data cannot tell the two apart; held-out families can.
#
# ## Summary
#
# - Score structures beside ViennaRNA with the same decoder, random weights and a null of the
#   composition; both strictly and within ±1; hairpins and branched RNAs apart; with intervals by
#   family.
# - Scores are not probabilities, and probabilities have to be checked.
# - A pair that thermodynamics finds too is no evidence for what a language model has learned.
# - Families in the training data measure memory. Ask what the model does on sequences without one.
