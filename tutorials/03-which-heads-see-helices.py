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
# # Which heads see helices?
#
# In an attention map, row i says which residues the model looked at while it read residue i. A head
# that looks at pairing partners draws helices: short lines that run from lower left to upper right.
# Such pictures are easy to find and easy to overrate: with many heads, one of them looks like
# anything. So every picture here has a number beside it, and every number has a null:
#
# 1. one RNA, all heads, by eye;
# 2. the same heads ranked, beside what chance gives;
# 3. many RNAs, with two nulls: the same head on **shuffled sequences**, and models with
#    **random weights**; an interval over families and a false-discovery rate over heads;
# 4. the best of all **null** heads, for luck also has a best head;
# 5. heads without a known structure.
#
# `mini`, the bundled model, is a fair subject with one thing to know: six of its heads (layers 3,
# 4 and 5, heads 0 and 1) were *trained* to attend to partners, and the families of the sample were
# in its training data. Finding these six is a test of the method, not a discovery.

# %%
import rnaexplore as rx

adata = rx.datasets.rfam_sample()
model = rx.load_model("mini")

# %% [markdown]
# ## One RNA, by eye
#
# Rows are layers, columns are heads, each picture has its own scale.

# %%
name = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
sequence, structure = adata.obs.loc[name, ["sequence", "structure"]]
reference = rx.Structure.from_dot_bracket(sequence, structure)
maps = rx.tl.attention(adata, name, model)
with rx.pl.style("nature", width="single"):
    rx.pl.head_grid(maps)

# %% [markdown]
# ## The same heads, ranked
#
# A head that follows base pairs should have them among its strongest pairs. As many pairs are drawn
# as the tRNA has; precision is the share of them that are base pairs. Weights are first averaged
# over both directions and corrected for residues that attract attention in general (APC).

# %%
viewer = rx.widgets.AttentionViewer(maps, reference)
viewer.layer, viewer.head = viewer.ranking[0][:2]
viewer.symmetrize = viewer.apc = True
for layer, head, precision in viewer.ranking[:5]:
    print(f"layer {layer}, head {head}: precision {precision:.2f}")
n = len(reference)
chance = len(reference.pairs) / ((n - 4) * (n - 3) / 2)
print(f"a head that knows nothing: {chance:.3f}")

# %% [markdown]
# The viewer shows the same: click a thumbnail, order the heads by rank, move the sliders, zoom with
# the wheel. The line above the arcs compares with random pairs **at the same distances**, a harder
# null than random pairs: partners are often close in sequence, and so is much of attention.

# %%
viewer

# %%
with rx.pl.style("nature", width="double"):
    rx.pl.pair_arcs(sequence, viewer.pairs, reference=reference)

# %% [markdown]
# ## Many RNAs, two nulls
#
# One RNA is an anecdote. `rx.tl.score_heads` reads many, and asks two things of each head:
#
# - Does it follow *this* sequence? Then its AUPRC (area under the precision-recall curve of base
#   pairs) must fall when the sequence is shuffled, with its dinucleotides kept, and judged by the
#   old structure. How far it falls is the effect, `delta_auprc`.
# - Did *training* teach it? Then its effect must be larger than those of the heads of the same
#   network with random weights. Some of these have a small one: they follow letters that pair.
#
# A head has to pass both, so `p` is the larger of two p-values. With 24 heads one of them has a
# small p-value by chance; `fdr` is corrected for that: of the heads with an `fdr` of at most 5 %,
# about one in twenty is expected to be a false discovery.
#
# RNAs of one family are relatives. The interval from `delta_low` to `delta_high` therefore comes from
# drawing whole **families** again: forty more tRNAs would not make it narrower, other families would.
# A few RNAs of each family are enough here.

# %%
# Some consensus structures have no pair.
paired = adata.obs["structure"].str.contains("(", regex=False)
short = adata[paired & (adata.obs["length"] <= 180)].copy()
few = short[short.obs.groupby("family", observed=True).head(4).index].copy()
scores = rx.tl.score_heads(few, model, progress=False)
print({name: scores.attrs[name] for name in ("n_rnas", "n_groups", "n_null_heads")})
columns = ["auprc", "auprc_shuffled", "delta_auprc", "delta_low", "delta_high", "p", "fdr"]
scores[["layer", "head", *columns]].head(9).round(3)

# %% tags=["picture"]
with rx.pl.style("nature", width="double"):
    rx.pl.head_scores(scores)

# %% [markdown]
# Six heads stand out, the six that were trained to. The others stay near the nulls, however striped
# some of their maps look. The sample has few families, and each counts as one observation: an effect
# can be large and its false-discovery rate still above 5 %, until RNAs of more families are read.

# %%
found = {(row.layer, row.head) for row in scores.head(6).itertuples()}
rest = scores.iloc[6:]
print("the six best heads:", sorted(found))
print(f"the seventh: AUPRC {rest['auprc'].max():.3f}, random pairs {rest['background'].max():.3f}")
print(f"heads with a false-discovery rate of at most 5 %: {(scores['fdr'] <= 0.05).sum()}")
assert found == {(layer, head) for layer in (3, 4, 5) for head in (0, 1)}

# %% [markdown]
# ## Luck also has a best head
#
# Looking at 24 heads and reporting the best one is 24 tries. `auprc_best_null` is how far the best
# of all null heads gets: those of twenty networks with random weights, and those of `mini` itself
# on shuffled sequences. It is the bar for a best head. If a real one is not clearly above it, there
# is nothing to report.

# %%
best = scores.iloc[0]
interval = f"[{best['delta_low']:.3f}, {best['delta_high']:.3f}]"
print(f"best null head: {best['auprc_best_null']:.3f}")
print(f"best trained head: {best['auprc']:.3f}")
print(f"above its own shuffled sequences by {best['delta_auprc']:.3f} {interval}")
assert scores["auprc"].iloc[5] > 3 * best["auprc_best_null"]

# %% [markdown]
# The same question asked of a network that knows nothing should find nothing. This is a test of the
# method, and worth the time for each new model.

# %%
nothing = rx.tl.score_heads(few, model.randomised(seed=1), n_random=6, progress=False)
found = (nothing["fdr"] <= 0.05).sum()
print(f"random network: best head {nothing['auprc'].max():.3f}, heads below 5 %: {found}")

# %% [markdown]
# ## Family by family
#
# A mean over RNAs hides families on which a head fails. Within one family intervals and p-values are
# over its RNAs, and speak of this family alone; here only the order of heads matters, so one random
# network is enough.

# %%
for family, group in short.obs.groupby("family", observed=True):
    if len(group) >= 10:
        one = rx.tl.score_heads(short[group.index], model, n_max=6, n_random=1, progress=False)
        best = one.iloc[0]
        nulls = f"shuffled {best['auprc_shuffled']:.2f}, best null {best['auprc_best_null']:.2f}"
        which = f"head {best['layer']:.0f}·{best['head']:.0f}"
        print(f"{family}: {which} AUPRC {best['auprc']:.2f}, {nulls}")

# %% [markdown]
# ## Without a known structure
#
# If no structure is known, the viewer ranks heads by a property of helices: the pair stacked on
# (i, j) is (i + 1, j - 1). The score is the correlation with that neighbour, less the correlation
# with the neighbour (i + 1, j + 1) at the same distance in sequence. Maps without any order score
# 0, attention to a fixed distance scores below. High means *shaped like helices*, not *right*.

# %%
blind = rx.widgets.AttentionViewer(maps)
for layer, head, stacking in blind.ranking[:5]:
    print(f"layer {layer}, head {head}: stacking {stacking:+.2f}")
noise = rx.tl.attention(adata, name, model.randomised(seed=1))
print(f"best head with random weights: {rx.widgets.AttentionViewer(noise).ranking[0][2]:+.2f}")

# %% [markdown]
# ## What to take home
#
# - Rank heads by a number, over many RNAs, and show the null beside it.
# - Report an effect with its interval, not how many standard errors it is above zero: those grow with
#   the number of RNAs, however small the effect.
# - Shuffled sequences and random weights are different questions; a head must pass both, and the best
#   head has to pass the best null head.
# - The best of many heads is a choice made on the data: test it on other RNAs, better on families
#   that the model has not seen. For `mini` that is in its card, `assets/mini-card.md`.
