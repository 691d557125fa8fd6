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
# # Variant effects at a splice site
#
# A masked language model gives each residue a probability in its context. A variant that the model
# finds unlikely, or that changes what it expects elsewhere, may matter. This notebook scores variants
# of the first intron of human beta-globin, where the answer has been known for decades: some of them
# break splicing and cause beta-thalassaemia.
#
# **Which model?** The notebook runs with `mini`, which comes with the package, so that every call can
# be tried at once. `mini` was trained on structured non-coding RNAs. It has never seen an intron, and
# at most positions it knows hardly more than the composition: the first section measures that. Its
# variant scores below show *how* to score, not *what* is true. Results carry such known weaknesses of
# their model: `.caution` of a map, `attrs["caution"]` of a table, a note in the viewers, and a warning
# once per session. For answers, take SpliceBERT, which was trained on primary transcripts of 72
# vertebrates: get its weights (see [weights and offline use](weights-and-offline-use.md)), change the
# next line to `MODEL = "splicebert"`, and run everything again.

# %%
MODEL = "mini"

# %%
# %matplotlib inline
import os
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded here

import numpy as np
import pandas as pd

import rnaexplore as rx

model = rx.load_model(MODEL)
print(model.spec.caution("logits") or "no known weakness of the language head is on record")

# %% [markdown]
# ## The RNA
#
# Exon 1, intron 1, exon 2 and the beginning of intron 2 of the gene *HBB* (NCBI Gene 3043), as they are
# transcribed.

# %%
EXON_1 = (
    "ACATTTGCTTCTGACACAACTGTGTTCACTAGCAACCTCAAACAGACACCATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCC"
    "CTGTGGGGCAAGGTGAACGTGGATGAAGTTGGTGGTGAGGCCCTGGGCAG"
)
INTRON_1 = (
    "GTTGGTATCAAGGTTACAAGACAGGTTTAAGGAGACCAATAGAAACTGGGCATGTGGAGACAGAGAAGACTCTTGGGTTTCTGATAGGCACT"
    "GACTCTCTCTGCCTATTGGTCTATTTTCCCACCCTTAG"
)
EXON_2 = (
    "GCTGCTGGTGGTCTACCCTTGGACCCAGAGGTTCTTTGAGTCCTTTGGGGATCTGTCCACTCCTGATGCTGTTATGGGCAACCCTAAGGTGA"
    "AGGCTCATGGCAAGAAAGTGCTCGGTGCCTTTAGTGATGGCCTGGCTCACCTGGACAACCTCAAGGGCACCTTTGCCACACTGAGTGAGCTG"
    "CACTGTGACAAGCTGCACGTGGATCCTGAGAACTTCAGG"
)
INTRON_2 = (
    "GTGAGTCTATGGGACGCTTGATGTTTTCTTTCCCCTTCTTTTCTATGGTTAAGTTCATGTCATAGGAAGGGGATAAGTAACAGGGTACAGTT"
    "TAGAATGGGAAACAGACGAATGATTGCATCAGTGTGGAAG"
)
transcript = (EXON_1 + INTRON_1 + EXON_2 + INTRON_2).replace("T", "U")
rnas = rx.from_sequences({"HBB": transcript})
donor = len(EXON_1)  # 0-based first base of the donor's GU
acceptor = len(EXON_1) + len(INTRON_1) - 2  # and of the acceptor's AG
second = len(transcript) - len(INTRON_2)  # the donor of intron 2
[transcript[k : k + 2] for k in (donor, acceptor, second)]

# %% [markdown]
# ## What does the model know here?
#
# Before any variant: is the model better than the composition of the RNA? The pseudo-perplexity is 1
# for a model that is certain and right, and 4 for one that has no idea; the composition's own
# perplexity is the baseline. `method="masked"` hides each residue once, in a copy of its own.
#
# A tRNA from the shipped sample stands beside a stretch around the donor. `mini` is clearly better
# than composition on the tRNA, a family that it was trained on. On globin it is not.

# %%
sample = rx.datasets.rfam_sample()
trna = sample[sample.obs["family"] == "tRNA"].obs["sequence"].iloc[0]
around = slice(donor - 50, donor + 50)
known = rx.from_sequences({"a tRNA": trna, "HBB donor": transcript[around]})
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the caution that was printed above
    rx.tl.pseudo_likelihood(known, model, progress=False)
key = f"pseudo_perplexity_{MODEL}"
known.obs[[key, "composition_perplexity", f"entropy_{MODEL}"]].round(2)

# %%
gap = known.obs[key] - known.obs["composition_perplexity"]
for name, difference in gap.items():
    verdict = "better than" if difference < -0.2 else "not clearly better than"
    print(f"{name}: {MODEL} is {verdict} composition ({difference:+.2f})")

# %% [markdown]
# ## Variants with known consequences
#
# Positions count from 1 along the transcript, as in a VCF file; `rx.tl.variants` reads VCF, tables and
# DataFrames alike. Names are the usual ones: IVS-I-5 is the fifth base of the first intron. The last
# two are common polymorphisms and harmless: one is synonymous, the other lies close to the second donor.

# %%
first = donor + 1
variants = pd.DataFrame(
    [
        ("IVS-I-1 G>A", first, "G", "A", "no normal splicing"),
        ("IVS-I-5 G>C", first + 4, "G", "C", "severely reduced"),
        ("IVS-I-6 T>C", first + 5, "T", "C", "mildly reduced"),
        ("IVS-I-110 G>A", first + 109, "G", "A", "new acceptor"),
        ("c.9T>C", 59, "T", "C", "harmless"),
        ("IVS-II-16 G>C", second + 16, "G", "C", "harmless"),
    ],
    columns=["id", "position", "reference", "alternative", "known"],
).assign(name="HBB")
sites = pd.DataFrame(
    {
        "name": "HBB",
        "position": [donor + 1, acceptor + 1, second + 1],
        "kind": ["donor", "acceptor", "donor"],
    }
)

# %% [markdown]
# The scores are those published with SpliceBERT (Chen et al. 2024):
#
# - `delta_p`: probability of the alternative minus that of the reference, at the hidden position;
# - `kl`, `ss_kl`: how far the expectations at the variant, and at the nearest splice sites, move;
# - `kl_context`: the logarithms of that divergence, summed over the hundred bases on each side. It is
#   no divergence, and negative; the table below shows `context`, the divergence of an average base,
#   `exp(kl_context / 100)`, in nats and in the same order. Variants near an end lack the bases and the
#   score, and a warning counts them;
# - `distance`: bases to the nearest splice site. It needs no model, and is the baseline to beat.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # c.9T>C lies 58 bases from the transcript's start
    scores = rx.tl.variants(rnas, variants, model, splice_sites=sites, progress=False)
scores["known"] = variants["known"]
scores["context"] = np.exp(scores["kl_context"] / 100)
shown = scores.set_index("id")[["known", "delta_p", "kl", "ss_kl", "context", "distance"]]
shown.round({"delta_p": 4, "kl": 4})

# %% [markdown]
# A wrong reference is an error that names the variant, not a number.

# %%
try:
    rx.tl.variants(rnas, variants.assign(position=variants["position"] + 1), model, progress=False)
except rx.errors.InputError as error:
    print(error)

# %% [markdown]
# Does a score rank the four that disturb splicing above the two that do not? Six variants are far too
# few to judge a model, and `ss_kl` falls with the distance in any network that mixes neighbouring
# letters. This is how the question is asked of a real set: with the distance beside it, and with the
# same network with random weights.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    null = rx.tl.variants(
        rnas, variants, model.randomised(seed=0), splice_sites=sites, progress=False
    )
disturbs = scores["known"] != "harmless"
for name, score in {
    "-delta_p": -scores["delta_p"],
    "ss_kl": scores["ss_kl"],
    "ss_kl, random weights": null["ss_kl"],
    "-distance (no model)": -scores["distance"],
}.items():
    ranks = score.rank(ascending=False).astype(int)
    print(f"{name:22} ranks of the disturbing variants: {sorted(ranks[disturbs])}")

# %% [markdown]
# ## Every substitution around the donor
#
# `rx.tl.mutate` scores all of them: the logarithm of the likelihood ratio of alternative and reference.
# A model that knows splice sites shows a deep red GU at residues 51 and 52. For a model that does not
# know introns, the map is a picture of its habits.

# %%
stretch = rx.from_sequences({"HBB donor": transcript[around]})
mutations = rx.tl.mutate(stretch, "HBB donor", model, progress=False)
with rx.pl.style("nature", width="double"):
    rx.pl.mutations(mutations)

# %% [markdown]
# Where `mini` does know something, the same map shows it: in a tRNA, a family that it was trained on,
# the stems cannot be changed freely. Compensatory double mutants say it more sharply: `rescue` is positive where changing both
# partners of a pair is better than the two changes on their own would make one think. Each pair has a
# null: two positions that do not pair, with the same two letters, as nearly as possible as far apart.
# A model that knows which letters pair, but not which residues do, would rescue both alike.

# %% tags=["picture"]
name = sample.obs_names[sample.obs["sequence"] == trna][0]
structure = rx.Structure.from_dot_bracket(*sample.obs.loc[name, ["sequence", "structure"]])
mutations = rx.tl.mutate(sample, name, model, progress=False)
with rx.pl.style("nature", width="double"):
    rx.pl.mutations(mutations, structure=structure)

# %%
rescue = rx.tl.rescue(sample, name, model)
rescue.groupby("kind")["rescue"].describe().round(2)

# %%
by_pair = rescue.groupby(["pair", "kind"])["rescue"].mean().unstack("kind").dropna()
above = (by_pair["pair"] > by_pair["null"]).sum()
print(f"rescued more than their null: {above} of {len(by_pair)} base pairs")

# %% [markdown]
# ## To look at, and to take away
#
# The viewer shows the same scores. If the model has a trained contact head, `effect="contacts"` adds how
# many base pairs each substitution loses, as a second block; rings mark substitutions that likelihood and
# contacts rank very differently (`.disagreement`). A click on a mutation shows the contact map before and
# after. `.savefig`, `.to_html`, `.to_csv` and `.to_vcf` write it all down.

# %%
folds = "contacts" in model.spec.can
mutations = rx.tl.mutate(
    sample, name, model, effect="contacts" if folds else "likelihood", progress=False
)
viewer = rx.widgets.MutationViewer(mutations, structure=structure, model=model if folds else None)
viewer.mutation = f"{mutations.sequence[2]}3{'A' if mutations.sequence[2] != 'A' else 'C'}"
viewer

# %% [markdown]
# ## Fitness of many variants
#
# Mutational scans measure thousands of variants of one RNA, most of them with several mutations. For a
# masked model the question is then what it sees at the *other* mutated positions while one is hidden, and
# `rx.tl.fitness` names its methods after that: wild type (`wt-fill`), masks (`mask-fill`) or the mutated
# letters (`mut-fill`). With a single mutation the three are the same number.
#
# They differ where mutations depend on each other. Here both partners of each base pair of the tRNA are
# exchanged, so that the pair is restored. `wt-fill` sees the wild-type partner and adds up two penalties;
# `mut-fill` sees the new partner.

# %%
wild_type = structure.sequence
swapped = {(i, j): wild_type[j] + wild_type[i] for i, j in structure.pairs.tolist()}
swapped = {pair: new for pair, new in swapped.items() if new in {"AU", "UA", "GC", "CG"}}
doubles = [
    f"{wild_type[i]}{i + 1}{new[0]},{wild_type[j]}{j + 1}{new[1]}"
    for (i, j), new in swapped.items()
]
singles = [text.split(",")[0] for text in doubles]
options = {"thermodynamics": False, "progress": False}
fills = pd.DataFrame(
    {
        (fill, kind): rx.tl.fitness(texts, wild_type, model, method=fill, **options)["score"]
        for fill in ("wt-fill", "mask-fill", "mut-fill")
        for kind, texts in (("single", singles), ("double", doubles))
    }
)
fills.mean().unstack().round(2)

# %% [markdown]
# Beside each score stand, if ViennaRNA is installed, how much the variant changes the minimum free energy
# and the base pairs, then its edit distance, and a combination: the mean of the ranks of all of them,
# fitted to nothing. Rows that cannot be scored stay, with the reason; all others are scored all the same.
# T and U may be mixed, and insertions and deletions are scored as whole sequences.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it counts the two bad rows below
    few = rx.tl.fitness(
        [singles[0], doubles[0], f"{wild_type[4]}5-", "10_11insTT", "G500A", f"{wild_type[0]}1N"],
        wild_type,
        model,
        progress=False,
    )
few.drop(columns="sequence").round(2)

# %%
few.attrs["counts"], few.attrs["problems"], few.attrs["notes"]

# %% [markdown]
# ### Scores against measurements
#
# `rx.io.read_assay` and `rx.io.read_assays` read the assays of
# [RNAGym](https://github.com/MarksLab-DasLab/RNAGym), which its authors publish, and
# `python -m benchmarks.fitness FOLDER` scores a folder of them. **The measurements below are made up**: the
# share of the known base pairs that a variant can still form, with noise. They stand for an assay that
# knows the structure and nothing else, to show how the question is asked. Real assays are harder: the
# best mean Spearman on RNAGym's leaderboard is near 0.2.

# %%
rng = np.random.default_rng(0)
letters = np.array(list("ACGU"))


def random_variant(n):
    sites = sorted(rng.choice(len(wild_type), n, replace=False))
    return ",".join(
        f"{wild_type[i]}{i + 1}{rng.choice(letters[letters != wild_type[i]])}" for i in sites
    )


def made_up(sequence):
    pairs = [sequence[i] + sequence[j] for i, j in structure.pairs.tolist()]
    intact = np.mean([pair in {"AU", "UA", "GC", "CG", "GU", "UG"} for pair in pairs])
    return intact + 0.05 * rng.normal()


assay = pd.DataFrame({"mutant": [random_variant(1 + k % 5) for k in range(120)] + doubles})
fit = rx.tl.fitness(assay, wild_type, model, method="mut-fill", progress=False)
fit["DMS_score"] = [made_up(sequence) for sequence in fit["sequence"]]
with rx.pl.style("nature", width="single"):
    rx.pl.fitness(fit)

# %% [markdown]
# The controls: the same architecture with random weights, the edit distance, and thermodynamics. The
# metrics are signed: a score that ranks variants the wrong way round is negative. Edit distance explains
# much of `all`, here as in real assays, and nothing within one number of mutations, where it is constant:
# look at the groups, not at `all` alone. With so few variants their intervals are wide, and random weights
# are above zero in one of them. And `mini` has seen this tRNA and its family in training.

# %%
null = rx.tl.fitness(assay, wild_type, model.randomised(seed=0), method="mut-fill", **options)[
    "score"
]
fit["random_weights"] = null.to_numpy()
names = ["score", "random_weights", "combined", "edit_distance"]
names += [name for name in ("delta_mfe", "delta_pairs") if name in fit]
metrics = rx.tl.evaluate_fitness(fit, scores=names, n_boot=200)
metrics.pivot(index="score", columns="mutations", values="spearman").round(2)

# %%
with rx.pl.style("nature", width="single"):
    rx.pl.fitness_metrics(
        metrics[metrics["score"].isin(["score", "random_weights", "-delta_pairs"])]
    )

# %% [markdown]
# ## What to keep in mind
#
# - Ask first whether the model is better than composition on *your* RNA. If it is not, its variant
#   scores are noise.
# - Likely is not harmless, and unlikely is not harmful: a model has learned what is frequent.
# - The published benchmarks have unbalanced classes: on VexSeq, 98 of 1,971 variants are positive. Report
#   average precision beside that share and beside the distance to the splice site.
# - For mutational scans name the method, report signed metrics by number of mutations, and put edit
#   distance, thermodynamics and random weights beside them. Intervals of one assay say nothing of other RNAs.
# - SpliceBERT's 510-nt models were trained on exactly 510 nt; centre such a window on the exon, as its
#   authors did.
