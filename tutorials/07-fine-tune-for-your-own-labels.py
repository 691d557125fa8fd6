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
# A [probe](06-a-probe-you-can-trust.ipynb) reads what a model knows already. Fine-tuning lets the model
# change, so that it learns what your labels ask for. One call does it: it divides your RNAs so that
# relatives stay together, trains, stops when the validation RNAs say so, and looks at the test RNAs once,
# beside a probe of the frozen model and beside baselines that need no model.
#
# Everything runs with `mini` in about a minute on a CPU. It needs `pip install 'rnaexplore[train]'`.

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
folder = Path(
    tempfile.mkdtemp()
)  # take a folder of your own: a run that stops can go on from there
print(rnas.n_obs, "RNAs:", rnas.obs["family"].value_counts()[lambda n: n > 0].to_dict())

# %% [markdown]
# ## Labels
#
# Labels are a column of `obs`: a class or a number for each RNA, or a string with one letter for each
# residue. Here each residue gets `P` if it is paired in the family's consensus structure, `u` if it is
# not. Write `?` where you do not know.
#
# Relatives by sequence stay together (`groups`). Four epochs are few; the kept one is that with the
# smallest loss on validation RNAs, which are never the test RNAs.

# %%
rnas.obs["paired"] = [
    "".join("u" if c == "." else "P" for c in structure) for structure in rnas.obs["structure"]
]
rx.tl.group_by_identity(rnas, identity=0.8)
result = rx.finetune(
    MODEL,
    rnas,
    "paired",
    task="residue",
    groups="identity_group",
    out=folder / "paired",
    settings=Settings(epochs=4, batch_size=8),
    progress=False,
)
result.summary()

# %%
print("relatives held out |", result.verdict())

# %% [markdown]
# The sentence above is all that may be claimed. If it says *not clearly different from the frozen model*,
# then fine-tuning was not needed: the probe is cheaper and says the same.
#
# The curves show whether training ran long enough, or too long.

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
    MODEL,
    rnas,
    "paired",
    task="residue",
    groups="family",
    out=folder / "families",
    settings=Settings(epochs=2, batch_size=8),
    progress=False,
)
same = result.summary()["macro_f1"]
other = harder.summary()["macro_f1"]
print(f"relatives held out: {same.iloc[0]}, one-hot letters {same['one-hot ±10']}")
print(f"a family held out:  {other.iloc[0]}, one-hot letters {other['one-hot ±10']}")
print("a family held out |", harder.verdict())

# %% [markdown]
# One family is one witness, so there is no interval to be had, and the verdict makes no claim. For an
# answer that holds for new families, collect more of them. `mini` itself has seen these families in its
# pretraining, so even this number is an upper bound.
#
# ## What was written
#
# The AnnData has the predictions and the part that each RNA had. Only those of `test` are predictions in
# the strict sense.

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
# - `method="full"` moves all weights, `"frozen"` the head alone; the default, `"lora"`, moves little and
#   suits large models.
# - `head=` names published designs, such as `"rinalmo-mrl"` or `"rnaernie-rri"`.
# - `Settings(chunk=…)` for RNAs longer than the model reads; `class_weights="balanced"` for rare classes.
# - `rnaexplore finetune labels.tsv --target label --out folder` does the same without Python, and
#   `python -m benchmarks.tasks DATA` measures a dozen tasks this way.
