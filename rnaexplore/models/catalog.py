"""The models that rnaexplore knows: data only. A new checkpoint of a known kind is one entry."""

from __future__ import annotations

from dataclasses import replace

from rnaexplore.errors import UnknownModelError, nearest
from rnaexplore.models import vocabularies
from rnaexplore.models.spec import Capability, ModelSpec, Weights

__all__ = ["CATALOG", "entry"]

_ADAPTERS = "rnaexplore.models.adapters"
_HEADS = "rnaexplore.models.heads"
_LM: frozenset[Capability] = frozenset({"embed", "attention", "logits"})

_MINI = ModelSpec(
    name="mini",
    family="rnaexplore mini",
    adapter=f"{_ADAPTERS}.esm:EsmAdapter",
    alphabet=vocabularies.MINI,
    n_layers=6,
    n_heads=4,
    dim=256,
    max_length=1022,
    config={
        "intermediate_size": 768,
        "position_embedding_type": "rotary",
        "max_position_embeddings": 1026,
        "emb_layer_norm_before": False,
        "layer_norm_eps": 1e-5,
    },
    weights=Weights(file="mini.safetensors", licence="BSD-3-Clause", bundled=True),
    can=_LM | {"contacts"},
    trained_on="Rfam, miRBase and RNAcentral sequences with structures; see the model card",
    citation="this package; assets/mini-card.md",
    register="mini.exposure.npz",
    cautions={
        "logits": "mini predicts unpaired residues at the level of nucleotide composition. Its "
        "mutation scores, Jacobians and likelihoods illustrate the methods; they are not evidence."
    },
)

# RNA-FM ---------------------------------------------------------------------------------------
_RNAFM_SERVER = "https://proj.cse.cuhk.edu.hk/rnafm/api/download?filename="
_RNAFM_CITATION = "Chen et al. 2022, arXiv:2204.00300; https://github.com/ml4bio/RNA-FM"

_RNAFM = ModelSpec(
    name="rnafm",
    family="RNA-FM",
    adapter=f"{_ADAPTERS}.esm:RnaFmAdapter",
    alphabet=vocabularies.RNAFM,
    n_layers=12,
    n_heads=20,
    dim=640,
    max_length=1022,
    config={
        "intermediate_size": 5120,
        "position_embedding_type": "absolute",
        "max_position_embeddings": 1026,
        "emb_layer_norm_before": True,
        "layer_norm_eps": 1e-5,
    },
    weights=Weights(
        file="RNA-FM_pretrained.pth",
        licence="MIT",
        hub="cuhkaih/rnafm",
        hub_file="RNA-FM_pretrained.pth",
        url=f"{_RNAFM_SERVER}RNA-FM_pretrained.pth",
    ),
    can=_LM,
    trained_on="23.7 million non-coding RNA sequences of RNAcentral",
    citation=_RNAFM_CITATION,
)

_MRNAFM = replace(
    _RNAFM,
    name="mrnafm",
    family="mRNA-FM",
    alphabet=vocabularies.MRNAFM,
    dim=1280,
    config={**_RNAFM.config, "emb_layer_norm_before": False},
    weights=Weights(
        file="mRNA-FM_pretrained.pth",
        licence="MIT",
        hub="cuhkaih/rnafm",
        hub_file="mRNA-FM_pretrained.pth",
        url=f"{_RNAFM_SERVER}file_mRNA-FM_pretrained.pth",
    ),
    trained_on="45 million coding sequences, read codon by codon",
)


def _rnafm_structure(name: str, file: str, threshold: float, trained_on: str) -> ModelSpec:
    return replace(
        _RNAFM,
        name=name,
        family="RNA-FM with ResNet structure head",
        adapter=f"{_HEADS}.rnafm_structure:RnaFmStructureAdapter",
        config={**_RNAFM.config, "threshold": threshold},
        weights=Weights(file=file, licence="MIT", hub="cuhkaih/rnafm", hub_file=f"SS/{file}"),
        can=frozenset({"embed", "attention", "contacts"}),
        trained_on=f"RNA-FM fine-tuned on {trained_on}",
    )


_RNAFM_HEADS = (
    _rnafm_structure("rnafm-ss-pdb", "RNA-FM-ResNet_PDB-All.pth", 0.33993712, "PDB structures"),
    _rnafm_structure("rnafm-ss-bprna", "RNA-FM-ResNet_bpRNA.pth", 0.47729617, "bpRNA"),
)

# RiNALMo --------------------------------------------------------------------------------------
_RINALMO_ARCHIVE = "https://zenodo.org/records/15043668/files/"
_RINALMO_CITATION = "Penić et al. 2025, arXiv:2403.00043; https://github.com/lbcb-sci/RiNALMo"


def _rinalmo_weights(file: str) -> Weights:
    return Weights(file=file, licence="CC-BY-4.0", url=f"{_RINALMO_ARCHIVE}{file}")


def _rinalmo(size: str, *, layers: int, dim: int, ffn: int) -> ModelSpec:
    return ModelSpec(
        name=f"rinalmo-{size}",
        family="RiNALMo",
        adapter=f"{_ADAPTERS}.rinalmo:RinalmoAdapter",
        alphabet=vocabularies.RINALMO,
        n_layers=layers,
        n_heads=20,
        dim=dim,
        max_length=None,
        config={"intermediate_size": ffn},
        weights=_rinalmo_weights(f"rinalmo_{size}_pretrained.pt"),
        can=_LM,
        trained_on="36 million non-coding RNA sequences (RNAcentral, Rfam, nt, Ensembl), cut at "
        "1,022 nucleotides; rotary positions set no hard limit",
        citation=_RINALMO_CITATION,
    )


_GIGA = _rinalmo("giga", layers=33, dim=1280, ffn=3413)
_MEGA = _rinalmo("mega", layers=30, dim=640, ffn=1706)
_MICRO = _rinalmo("micro", layers=12, dim=480, ffn=1280)


def _giga_structure(name: str, file: str, trained_on: str) -> ModelSpec:
    return replace(
        _GIGA,
        name=f"rinalmo-giga-ss-{name}",
        family="RiNALMo with structure head",
        adapter=f"{_HEADS}.rinalmo_structure:RinalmoStructureAdapter",
        weights=_rinalmo_weights(f"rinalmo_giga_ss_{file}_ft.pt"),
        can=_LM | {"contacts"},
        trained_on=f"RiNALMo giga fine-tuned on {trained_on}",
    )


_ARCHIVE_II = ("16s", "23s", "5s", "srp", "grp1", "telomerase", "tmRNA", "tRNA", "RNaseP")

_GIGA_STRUCTURE = (
    _giga_structure("bprna", "bprna", "bpRNA (TR0)"),
    *(
        _giga_structure(
            f"archiveii-{held_out.lower()}",
            f"archiveII-{held_out}",
            f"ArchiveII without {held_out}, for tests on that family",
        )
        for held_out in _ARCHIVE_II
    ),
)


def _giga_task(name: str, adapter: str, file: str, outputs: tuple[str, ...], on: str) -> ModelSpec:
    return replace(
        _GIGA,
        name=f"rinalmo-giga-{name}",
        family="RiNALMo with task head",
        adapter=f"{_HEADS}.{adapter}",
        weights=_rinalmo_weights(f"rinalmo_giga_{file}_ft.pt"),
        can=_LM | {"predict"},
        outputs=outputs,
        trained_on=f"RiNALMo giga fine-tuned on {on}",
    )


_SPLICE = "rinalmo_splice:RinalmoSpliceAdapter"
_SPLICE_WINDOWS = "sites in the middle of windows of 400 nt"
_NCRNA = "rinalmo_ncrna:RinalmoNcRnaAdapter"
_FAMILIES = tuple(f"class_{i}" for i in range(88))

_GIGA_TASKS = (
    _giga_task(
        "splice-acceptor", _SPLICE, "splice_acceptor", ("acceptor",), f"acceptor {_SPLICE_WINDOWS}"
    ),
    _giga_task("splice-donor", _SPLICE, "splice_donor", ("donor",), f"donor {_SPLICE_WINDOWS}"),
    _giga_task(
        "mrl", "rinalmo_mrl:RinalmoMrlAdapter", "mrl", ("mean_ribosome_load",),
        "human 5'UTRs, 25 to 100 nt",
    ),
    _giga_task("ncrna-0", _NCRNA, "ncrna_class_0_noise", _FAMILIES, "88 ncRNA families"),
    _giga_task(
        "ncrna-200", _NCRNA, "ncrna_class_200_noise", _FAMILIES,
        "88 ncRNA families with 200 % boundary noise",
    ),
)  # fmt: skip

# BERT-shaped ----------------------------------------------------------------------------------
_BERT = {
    "intermediate_size": 3072,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
}

_RNAERNIE = ModelSpec(
    name="rnaernie",
    family="RNAErnie",
    adapter=f"{_ADAPTERS}.bert:RnaErnieAdapter",
    alphabet=vocabularies.RNAERNIE,
    n_layers=12,
    n_heads=12,
    dim=768,
    max_length=510,
    config={**_BERT, "hidden_act": "relu", "max_position_embeddings": 513},
    weights=Weights(
        file="RNAErnie/model_state.pdparams",
        licence="not stated (code MIT)",
        page="https://github.com/CatIIIIIIII/RNAErnie (Google Drive: BERT,ERNIE,MOTIF,PROMPT/"
        "checkpoint_final)",
    ),
    can=_LM,
    trained_on="about 23 million RNAcentral sequences below 512 nucleotides, with motif masking",
    citation="Wang et al. 2024, Nature Machine Intelligence 6:548; "
    "https://github.com/CatIIIIIIII/RNAErnie",
)

_RNAERNIE2 = ModelSpec(
    name="rnaernie2",
    family="RNAErnie2",
    adapter=f"{_ADAPTERS}.bert:RnaErnie2Adapter",
    alphabet=vocabularies.RNAERNIE2,
    n_layers=12,
    n_heads=12,
    dim=768,
    max_length=2046,
    config={**_BERT, "max_position_embeddings": 2048},
    weights=Weights(
        file="RNAErnie2/model.safetensors",
        licence="Apache-2.0",
        hub="LLM-EDA/RNAErnie",
        hub_file="model.safetensors",
        beside=("config.json",),
    ),
    can=_LM,
    trained_on="31 million RNAcentral sequences up to 2,048 nucleotides",
    citation="https://github.com/CatIIIIIIII/RNAErnie2",
)

_RNAERNIE_MULTIMOLECULE = replace(
    _RNAERNIE,
    name="rnaernie-multimolecule",
    family="RNAErnie, converted by multimolecule",
    adapter=f"{_ADAPTERS}.rnaernie_multimolecule:RnaErnieMultimoleculeAdapter",
    alphabet=vocabularies.MULTIMOLECULE,
    weights=Weights(
        file="multimolecule-rnaernie/model.safetensors",
        licence="AGPL-3.0",
        hub="multimolecule/rnaernie",
        hub_file="model.safetensors",
    ),
    citation="Wang et al. 2024; conversion: https://huggingface.co/multimolecule/rnaernie",
)


def _splicebert(name: str, folder: str, *, max_length: int, positions: int, on: str) -> ModelSpec:
    return ModelSpec(
        name=name,
        family="SpliceBERT",
        adapter=f"{_ADAPTERS}.bert:SpliceBertAdapter",
        alphabet=vocabularies.SPLICEBERT,
        n_layers=6,
        n_heads=16,
        dim=512,
        max_length=max_length,
        config={**_BERT, "intermediate_size": 2048, "max_position_embeddings": positions},
        weights=Weights(
            file=f"{folder}/pytorch_model.bin",
            licence="BSD-3-Clause (code)",
            url="https://zenodo.org/records/7995778/files/models.tar.gz",
            archive_member=f"{folder}/pytorch_model.bin",
        ),
        can=_LM,
        trained_on=on,
        citation="Chen et al. 2024, Briefings in Bioinformatics 25:bbae163; "
        "https://github.com/chenkenbio/SpliceBERT",
    )


_PRE_MRNA = "more than 2 million pre-mRNA sequences of 72 vertebrates"
_FIXED = "windows of exactly 510 nucleotides; other lengths are not recommended by the authors"

_SPLICEBERTS = (
    _splicebert(
        "splicebert", "SpliceBERT.1024nt", max_length=1024, positions=1026,
        on=f"{_PRE_MRNA}, 64 to 1,024 nucleotides",
    ),
    _splicebert(
        "splicebert-510nt", "SpliceBERT.510nt", max_length=510, positions=512,
        on=f"{_PRE_MRNA}; {_FIXED}",
    ),
    _splicebert(
        "splicebert-human-510nt", "SpliceBERT-human.510nt", max_length=510, positions=512,
        on=f"human pre-mRNA; {_FIXED}",
    ),
)  # fmt: skip

_RNABERT = ModelSpec(
    name="rnabert",
    family="RNABERT",
    adapter=f"{_ADAPTERS}.bert:RnaBertAdapter",
    alphabet=vocabularies.RNABERT,
    n_layers=6,
    n_heads=12,
    dim=120,
    max_length=440,
    config={**_BERT, "intermediate_size": 40, "max_position_embeddings": 440},
    weights=Weights(
        file="rnabert_RNABERT.pth",
        licence="not stated",
        page="https://github.com/mana438/RNABERT",
    ),
    can=frozenset({"embed", "attention"}),
    trained_on="76,237 human non-coding RNA sequences, with structural alignments; the published "
    "masked-language head predicts the same for every position and is not offered",
    citation="Akiyama and Sakakibara 2022, NAR Genomics and Bioinformatics 4:lqac012",
)

CATALOG: tuple[ModelSpec, ...] = (
    _MINI,
    _RNAFM,
    _MRNAFM,
    *_RNAFM_HEADS,
    _GIGA,
    _MEGA,
    _MICRO,
    *_GIGA_STRUCTURE,
    *_GIGA_TASKS,
    _RNAERNIE,
    _RNAERNIE2,
    _RNAERNIE_MULTIMOLECULE,
    *_SPLICEBERTS,
    _RNABERT,
)


def entry(name: str) -> ModelSpec:
    """Return the catalog's entry of this name, to derive another from it.

    Unlike `rnaexplore.models.get_spec` this knows the catalog alone, so packages that register
    models may call it while they are being asked for theirs.

    Raises
    ------
    UnknownModelError
        With the nearest names.
    """
    for spec in CATALOG:
        if spec.name == name:
            return spec
    msg = f"the catalog has no {name!r}. {nearest(name, [spec.name for spec in CATALOG])}"
    raise UnknownModelError(msg)
