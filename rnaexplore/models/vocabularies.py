"""The vocabularies of the catalog's checkpoints: data only.

Order is everything here: the id of a token is its index. Tokens are spelled as RNA also where the
checkpoint's own vocabulary writes ``T`` (RiNALMo, RNAErnie, SpliceBERT).
"""

from __future__ import annotations

from rnaexplore.models.alphabet import Alphabet

__all__ = [
    "MINI",
    "MRNAFM",
    "MULTIMOLECULE",
    "MULTIMOLECULE_EARLY",
    "RINALMO",
    "RNABERT",
    "RNAERNIE",
    "RNAERNIE2",
    "RNAFM",
    "SPLICEBERT",
]

MINI = Alphabet(
    tokens=("<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "A", "C", "G", "U", "N"),
    aliases=dict.fromkeys("RYKMSWBDHV", "N"),
)

_NULLS = ("<null_1>", "<null_2>", "<null_3>", "<null_4>")

RNAFM = Alphabet(
    tokens=("<cls>", "<pad>", "<eos>", "<unk>", *"ACGURYKMSWBDHVN-", *_NULLS, "<mask>")
)

_CODONS = """
GAG AAG GAA CUG CAG GAU AAA GUG GAC AUG GCC AAC GCU AAU AUC UUC
GGA AUU GGC UUU CCA AGC GCA UCU CUC ACC CAA CCU UCC ACA UUG GUU
CUU UAC ACU CCC UCA GUC GGU CAC AGU UAU AGA CAU GGG UGG UGC AGG
UGU AUA CGC UUA GCG CGG CCG GUA CUA ACG UCG CGA CGU UGA UAA UAG
"""

MRNAFM = Alphabet(
    unit="codon",
    tokens=("<cls>", "<pad>", "<eos>", "<unk>", *_CODONS.split(), *_NULLS, "<mask>"),
)

RINALMO = Alphabet(
    tokens=("<cls>", "<pad>", "<eos>", "<unk>", "<mask>", *"ACGUIRYKMSWBDHVN-"),
)

_RNA_TYPES = """
RNaseMRPRNA RNasePRNA SRPRNA YRNA antisenseRNA autocatalyticallysplicedintron guideRNA
hammerheadribozyme lncRNA miRNA miscRNA ncRNA other piRNA premiRNA precursorRNA rRNA ribozyme sRNA
scRNA scaRNA siRNA snRNA snoRNA tRNA telomeraseRNA tmRNA vaultRNA
"""

RNAERNIE = Alphabet(
    tokens=(
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEL]", "[IND]",
        *_RNA_TYPES.split(), *"AUCG",
    ),
    pad="[PAD]",
    unk="[UNK]",
    cls="[CLS]",
    eos="[SEP]",
    mask="[MASK]",
    rna_types=tuple(_RNA_TYPES.split()),
    indicator="[IND]",
)  # fmt: skip

RNAERNIE2 = Alphabet(
    tokens=("[PAD]", "[UNK]", "[CLS]", "[EOS]", "[SEP]", "[MASK]", *"AUCGN"),
    pad="[PAD]",
    unk="[UNK]",
    cls="[CLS]",
    eos="[EOS]",
    mask="[MASK]",
)

SPLICEBERT = Alphabet(
    tokens=("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"NACGU"),
    pad="[PAD]",
    unk="[UNK]",
    cls="[CLS]",
    eos="[SEP]",
    mask="[MASK]",
)

#: RNABERT knows four letters alone; a letter that it does not know is hidden behind the mask token
RNABERT = Alphabet(
    tokens=("[PAD]", "[MASK]", *"AUGC"),
    pad="[PAD]",
    unk="[MASK]",
    cls=None,
    eos=None,
    mask="[MASK]",
)

_UNIFIED = ("<pad>", "<cls>", "<eos>", "<unk>", "<mask>", "<null>", *"ACGUNRYSWKMBDHV")

MULTIMOLECULE = Alphabet(tokens=(*_UNIFIED, *"IX|.*-?"))  #: since multimolecule 0.2.0, 28 tokens
MULTIMOLECULE_EARLY = Alphabet(tokens=(*_UNIFIED, *".X*-I"))  #: until 0.1.0, 26 tokens
