"""SpliceBERT's variant scores, against an independent computation from the published formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError, RnaExploreWarning, UnknownNameError
from rnaexplore.models import get_spec

RNG = np.random.default_rng(3)
SEQUENCE = "".join(RNG.choice(list("ACGU"), 300))
DONOR, ACCEPTOR = 180, 90  # 0-based first bases
SITES = pd.DataFrame(
    {
        "name": ["t1"] * 4,
        "position": [DONOR + 1, ACCEPTOR + 1, 6, 290],
        "kind": ["donor", "acceptor", "donor", "acceptor"],
    }
)


@pytest.fixture(scope="module")
def splicebert(random_weights):
    spec = replace(get_spec("splicebert"), n_layers=2, n_heads=2, dim=16)
    model = random_weights(replace(spec, config={**spec.config, "intermediate_size": 32}))
    with torch.no_grad():
        for name, weights in model.adapter.module.named_parameters():
            if weights.ndim > 1:  # else random networks hardly see a substitution far away
                weights.mul_(2 if "query" in name or "position" in name else 40)
    return model


@pytest.fixture(scope="module")
def adata():
    return rx.from_sequences({"t1": SEQUENCE, "t2": SEQUENCE[::-1]})


def table(*places, name="t1", sequence=SEQUENCE, alt=None):
    other = {"A": "G", "C": "U", "G": "A", "U": "C"}
    return pd.DataFrame(
        {
            "name": name,
            "position": [p + 1 for p in places],
            "reference": [sequence[p] for p in places],
            "alternative": [alt or other[sequence[p]] for p in places],
        }
    )


def by_hand(model, at, alt):
    """The published formulas, from token ids on: [CLS] 2, [SEP] 3, [MASK] 4, A C G T 6 to 9."""
    ids = [2, *(dict(zip("ACGU", range(6, 10), strict=True))[c] for c in SEQUENCE), 3]

    def logits(tokens):
        with torch.inference_mode():
            return model.adapter.module(torch.tensor([tokens])).logits[0].double()

    mutated, masked = list(ids), list(ids)
    mutated[at + 1] = 6 + "ACGU".index(alt)
    masked[at + 1] = 4
    wt = torch.softmax(logits(ids)[1:-1, 6:], -1).numpy()
    mt = torch.softmax(logits(mutated)[1:-1, 6:], -1).numpy()
    p = torch.softmax(logits(masked), -1)[at + 1].numpy()
    kl = (mt * np.log(mt / wt)).sum(-1)
    near = kl[at - 100 : at + 101]
    by_distance = near[:100][::-1] / 2 + near[101:] / 2
    return {
        "delta_p": p[mutated[at + 1]] - p[ids[at + 1]],
        "kl": kl[at],
        "donor_kl": kl[DONOR : DONOR + 2].mean(),
        "acceptor_kl": kl[ACCEPTOR : ACCEPTOR + 2].mean(),
        "ss_kl": kl[DONOR : DONOR + 2].mean() + kl[ACCEPTOR : ACCEPTOR + 2].mean(),
        "kl_context": np.log(np.clip(by_distance, 1e-6, np.inf)).sum(),
    }


@pytest.mark.parametrize("at", [105, 150, 181])
def test_scores_are_the_published_formulas(adata, splicebert, at) -> None:
    variant = table(at)
    found = rx.tl.variants(adata, variant, splicebert, splice_sites=SITES, progress=False)
    expected = by_hand(splicebert, at, variant["alternative"][0])
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value, rel=2e-3, abs=1e-7), name
    assert abs(expected["kl_context"]) > 10
    assert min(expected["kl"], expected["ss_kl"]) > 1e-5


def test_many_variants_are_scored_as_each_alone_and_in_order(adata, splicebert) -> None:
    both = pd.concat([table(150, 105), table(190, name="t2", sequence=SEQUENCE[::-1]), table(150)])
    together = rx.tl.variants(adata, both, splicebert, splice_sites=SITES, progress=False)
    assert list(together["position"]) == [151, 106, 191, 151]
    for k in range(4):
        alone = rx.tl.variants(
            adata, both.iloc[[k]], splicebert, splice_sites=SITES, progress=False
        )
        for column in ("delta_p", "kl", "ss_kl", "kl_context", "distance"):
            np.testing.assert_allclose(alone[column][0], together[column][k], rtol=1e-3, atol=1e-6)


def test_nearest_sites_and_distance(adata, splicebert) -> None:
    variants = table(120, 181, 5, 30)
    with pytest.warns(RnaExploreWarning, match="2 of 4 variants have fewer than 100"):
        found = rx.tl.variants(adata, variants, splicebert, splice_sites=SITES, progress=False)
    assert found["distance"].tolist() == [29, 0, 0, 24]
    assert found["kl_context"].isna().tolist() == [False, False, True, True]


def test_without_sites_what_is_about_them_is_missing(adata, splicebert) -> None:
    found = rx.tl.variants(adata, table(150), splicebert, progress=False).iloc[0]
    assert found[["donor_kl", "acceptor_kl", "ss_kl", "distance"]].isna().all()
    assert found[["delta_p", "kl", "kl_context"]].notna().all()
    one = rx.tl.variants(
        adata, table(150), splicebert, splice_sites=SITES.iloc[:1], progress=False
    ).iloc[0]
    assert one["ss_kl"] == one["donor_kl"]


def test_windows_are_read_as_rnas_of_their_own(adata, splicebert) -> None:
    at, window = 160, 240
    found = rx.tl.variants(
        adata, table(at), splicebert, splice_sites=SITES, window=window, progress=False
    )
    start = at - window // 2
    piece = SEQUENCE[start : start + window]
    shifted = SITES.assign(position=SITES["position"] - start).query("0 < position < @window")
    cut = rx.tl.variants(
        rx.from_sequences({"t1": piece}), table(at - start, sequence=piece), splicebert,
        splice_sites=shifted, progress=False,
    )  # fmt: skip
    for column in ("delta_p", "kl", "ss_kl", "kl_context", "distance"):
        assert found[column][0] == pytest.approx(cut[column][0], rel=1e-4)


def test_fasta_and_vcf_give_the_same(adata, splicebert, tmp_path) -> None:
    fasta, vcf, sites = tmp_path / "r.fa", tmp_path / "v.vcf", tmp_path / "s.tsv"
    fasta.write_text(f">t1\n{SEQUENCE}\n")
    v = table(150).iloc[0]
    ref, alt = v["reference"].replace("U", "T"), v["alternative"].replace("U", "T")
    vcf.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"t1\t151\t.\t{ref}\t{alt}\t.\t.\t.\n"
    )
    SITES.to_csv(sites, sep="\t", index=False)
    read = rx.tl.variants(fasta, vcf, splicebert, splice_sites=sites, progress=False)
    given = rx.tl.variants(adata, table(150), splicebert, splice_sites=SITES, progress=False)
    pd.testing.assert_frame_equal(read, given)


def test_a_wrong_reference_names_the_variant(adata, splicebert) -> None:
    wrong = table(150, 151).assign(id=["ok", "rs7"])
    wrong.loc[1, "reference"] = "ACGU".replace(SEQUENCE[151], "")[0]
    wrong.loc[1, "alternative"] = SEQUENCE[151]
    with pytest.raises(InputError, match=rf"'rs7' is off.*t1:152.*RNA has {SEQUENCE[151]} there"):
        rx.tl.variants(adata, wrong, splicebert, progress=False)
    far = table(150).assign(position=500, id="far")
    with pytest.raises(InputError, match=r"'far' is off.*ends at 300"):
        rx.tl.variants(adata, far, splicebert, progress=False)
    with pytest.raises(UnknownNameError, match="Did you mean 't1'"):
        rx.tl.variants(adata, table(150, name="t11"), splicebert, progress=False)


def test_bad_sites_and_models(adata, splicebert, codons) -> None:
    for change, message in (
        ({"kind": "branch"}, "'donor' or 'acceptor', got 'branch'"),
        ({"position": 0}, "whole numbers from 1"),
    ):
        with pytest.raises(InputError, match=message):
            rx.tl.variants(adata, table(150), splicebert, splice_sites=SITES.assign(**change))
    with pytest.raises(InputError, match="no 'kind'"):
        rx.tl.variants(adata, table(150), splicebert, splice_sites=SITES.drop(columns="kind"))
    with pytest.raises(InputError, match="window must be at least 1"):
        rx.tl.variants(adata, table(150), splicebert, window=0)
    with pytest.raises(CapabilityError, match="reads codons"):
        rx.tl.variants(adata, table(150), codons)
