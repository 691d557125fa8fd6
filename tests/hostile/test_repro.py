"""Printed code: whatever a file says, it says it in literals."""

from __future__ import annotations

import ast
import re
from itertools import islice

import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.provenance.guard import check_script, quoted
from tests.hostile import provenance


def test_no_text_of_a_file_becomes_code():
    refused = printed = 0
    for what, adata in islice(provenance.attacked(), 1, None, 4):
        try:
            code = rx.repro(adata)
        except InputError:
            refused += 1
            continue
        printed += 1
        tree = ast.parse(code)
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "open" not in calls, what
        texts = [
            n for n in tree.body if isinstance(n, ast.Expr) and not isinstance(n.value, ast.Call)
        ]
        assert len(texts) == 1, f"{what}: the docstring ends early"
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", code), what
        code.encode()
    assert printed > 150
    assert refused > 150


def test_the_whole_record_gives_code_that_parses():
    code = rx.repro(provenance.anndata())
    assert code.count("rx.tl.") >= 8
    assert "x.fa" not in code


def test_a_file_with_quotes_in_its_name(tmp_path):
    path = tmp_path / 'x".fa'
    path.write_text(">a\nGGGAAACCC\n")
    code = rx.repro(rx.read_fasta(path))
    assert "sys.exit(source + ' is not the x\".fa that was read: SHA-256 differs')" in code
    compile(code, "script.py", "exec")


@pytest.mark.parametrize(
    "line",
    [
        "import os", "from os import system", "open('x')", "sys.modules", "rx.__class__",
        "eval('1')", "lambda: 1", "def f(): pass", "exec = rx", "rx = 1\nos.system('x')",
        "while 1: pass", "adata[...]()", "'a' 'b", "sys._getframe()", "f'{rx}'",
    ],
)  # fmt: skip
def test_other_code_is_not_printed(line):
    check_script("rx.tl.kmers(adata, k=2)", ())
    with pytest.raises(InputError, match="no code is printed"):
        check_script(f"import rnaexplore as rx\n{line}\n", ())


def test_deep_and_endless_chains():
    adata = provenance.anndata()
    made = adata.uns["rnaexplore"]
    deep = made["X_kmer3"]
    for _ in range(5000):
        deep["more"] = {}
        deep = deep["more"]
    with pytest.raises(InputError, match="nested more than"):
        rx.repro(adata)
    adata = provenance.anndata()
    for k in range(5000):
        adata.uns["rnaexplore"][f"k{k}"] = {"k": 2, "step": k, "use_rep": f"k{k + 1}"}
    with pytest.raises(InputError, match="gives no code"):
        rx.repro(adata)


def test_text_in_a_docstring_stays_on_its_line():
    assert quoted('a"""\n\\b\x1b\ud800') == "a''' /b/x1b/ud800"
