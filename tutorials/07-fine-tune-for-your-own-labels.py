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
# # Fine-tune for your own labels
#
# A [probe](06-a-probe-you-can-trust.ipynb) uses what a model has learned already. Fine-tuning changes the
# model itself. One call does it:
#
# 1. It divides your RNAs into training, validation and test parts, relatives together.
# 2. It fits a probe on the frozen model; the new head begins with its weights.
# 3. It trains, at a lower rate in the language model than in the head, until the validation loss has
#    stopped falling, and keeps the best epoch. Epoch 0, the probe, is one of the candidates.
# 4. It trains anew for as many epochs on training and validation RNAs together.
# 5. It evaluates once on the test RNAs: the fine-tuned model, probes of the frozen one, k-mers, a small
#    convolutional network and nulls, all trained on the same RNAs.
#
# Everything runs with `mini` in a few minutes on a CPU.

# %%
MODEL = "mini"

# %%
# %matplotlib inline
import os
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded here

import rnaexplore as rx
from rnaexplore.finetuning import Settings

rnas = rx.datasets.rfam_sample()
rnas = rnas[rnas.obs["family"].isin(["tRNA", "Vault", "snR75"]) & (rnas.obs["length"] <= 110)]
rnas = rnas[::3].copy()
folder = Path(tempfile.mkdtemp())  # use a folder of your own: an interrupted run resumes from there
print(rnas.n_obs, "RNAs:", rnas.obs["family"].value_counts()[lambda n: n > 0].to_dict())

# %% [markdown]
# ## Labels
#
# Labels are a column of `obs`: a class or a number for each RNA, or a string with one letter for each
# residue. Here each residue gets `P` if it is paired in the family's consensus structure, `u` if it is
# not. Write `?` where you do not know.
#
# Relatives by sequence stay together (`groups`), here at 70 % identity, since these RNAs are short and
# of three families only. By default at most 30 epochs are tried, and training
# stops after 5 without a smaller validation loss; to be quick, this notebook tries at most 6.

# %%
rnas.obs["paired"] = [
    "".join("u" if c == "." else "P" for c in structure) for structure in rnas.obs["structure"]
]
rx.tl.group_by_identity(rnas, identity=0.7)
result = rx.finetune(
    rnas,
    MODEL,
    "paired",
    task="residue",
    groups="identity_group",
    out=folder / "paired",
    settings=Settings(epochs=6, batch_size=8),
    progress=False,
)
result.summary()

# %%
print("relatives held out |", result.verdict())

# %% [markdown]
# The sentence above is all that may be claimed. The best baseline and the best probe are those that were
# best on validation RNAs, and a difference counts if its own interval leaves out 0: a paired bootstrap
# over groups of relatives (column `difference` of the table, the fine-tuned model minus the row). If it
# says *not clearly different from the frozen model*, then fine-tuning was not needed: the probe is
# cheaper and as good.
#
# The curves show whether training ran long enough, or too long. Epoch 0 is the probe.

# %% tags=["picture"]
with rx.pl.style("nature", width="single"):
    rx.pl.history(result.history)

# %% [markdown]
# ## A harder question: families that it was not trained on
#
# The test RNAs above are no close relatives of those trained on, but they come from the same three
# families, and members of a family share their structure. With whole families held out, which is the
# default where families are known, the same labels are another question.

# %%
harder = rx.finetune(
    rnas,
    MODEL,
    "paired",
    task="residue",
    groups="family",
    out=folder / "families",
    settings=Settings(epochs=3, batch_size=8),
    progress=False,
)
same = result.summary()["macro_f1"]
other = harder.summary()["macro_f1"]
print(f"relatives held out: {same.iloc[0]}, one-hot letters {same['one-hot ±10']}")
print(f"a family held out:  {other.iloc[0]}, one-hot letters {other['one-hot ±10']}")
print("a family held out |", harder.verdict())

# %% [markdown]
# A single test family gives no interval, and the verdict makes no claim. For an answer that holds for
# new families, collect more of them. `mini` may have seen these families in its pretraining (its card
# lists them), so even this number can be an upper bound.
#
# ## What was written
#
# The AnnData has the predictions and the part of each RNA. Only those of `test` are predictions of RNAs
# that the model was not trained on.

# %%
columns = ["family", "part_paired", "paired", "predicted_paired"]
rnas.obs[columns].groupby("part_paired", observed=True).head(1)

# %% [markdown]
# The folder is the model. It opens like any other, with its labels, its metrics, and how it was trained;
# it holds JSON, CSV and safetensors, nothing that could run code.

# %%
model = rx.load_model(str(folder / "paired"))
print(model)
print(sorted(p.name for p in (folder / "paired").iterdir()))
training = model.training
print({key: training[key] for key in ("base", "split", "groups", "rnas", "test_groups")})

# %%
ALANINE_TRNA = "GGGGCUAUAGCUCAGCUGGGAGAGCGCCUGCUUUGCACGCAGGAGGUCUGCGGUUCGAUCCCGCAUAGCUCC"
chances = model.predict_residues(ALANINE_TRNA)
print(ALANINE_TRNA)
print("".join(model.labels[k] for k in chances.argmax(1)))

# %% [markdown]
# ## From here
#
# - `task="sequence"` for classes and numbers of RNAs, `"pair"` for two RNAs (`partner=` names the second
#   column), `"contact"` for structures.
# - `method="full"` updates all weights, `"frozen"` the head alone; the default, `"lora"`, adds low-rank
#   updates and suits large models.
# - `head=` names published designs, such as `"rinalmo-mrl"` or `"rnaernie-rri"`.
# - `Settings(chunk=…)` for RNAs longer than the model's limit; `class_weights="balanced"` for rare
#   classes; `Settings(refit=False)` saves the second training of large models, and then the baselines are
#   trained without the validation RNAs, too.
# - `rnaexplore finetune labels.tsv --target label --out folder` does the same without Python, and
#   `python -m benchmarks.tasks DATA` measures a dozen tasks this way.
