from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def between(marker: str) -> str:
    return README.split(f"<!-- {marker} -->\n")[1].split(f"<!-- /{marker} -->")[0]


def test_model_table_is_the_catalog() -> None:
    table = subprocess.run(
        [sys.executable, "-m", "rnaexplore.models"], capture_output=True, text=True, check=True
    ).stdout
    assert between("models").strip() == table.strip(), "run: python -m rnaexplore.models"


def test_ci_runs_the_documented_command() -> None:
    assert "<!-- test-command -->" in (ROOT / ".ci" / "run").read_text()
    command = between("test-command")
    assert all(tool in command for tool in ("pytest", "ruff check", "mypy", "lint-imports"))


def test_python_examples_are_python() -> None:
    examples = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert examples
    for example in examples:
        compile(example, "README.md", "exec")


def test_files_that_it_names_exist() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    links += re.findall(r"(?:src|href)=\"(?!http)([^\"#]+)\"", README)
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing


def test_pictures_come_before_the_first_command_and_are_small() -> None:
    pictures = re.findall(r"assets/\w+\.png", README)
    assert README.index(pictures[0]) < README.index("```bash")
    assert set(pictures) == {f"assets/{p.name}" for p in (ROOT / "assets").glob("*.png")}
    for picture in pictures:
        assert 20_000 < (ROOT / picture).stat().st_size < 400_000, picture


def test_the_first_command_brings_what_the_first_page_uses() -> None:
    """JupyterLab and what fine-tunes are installed by it; other extras are named where needed."""
    first = re.search(r"```bash\n(pip install .*)\n```", README)
    assert first is not None
    chosen = re.search(r"\.\[([\w,]+)\]", first[1])
    assert chosen is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    brought = [*project["dependencies"], *(r for e in chosen[1].split(",") for r in extras[e])]
    names = {re.split(r"[<>=;\[]", requirement)[0] for requirement in brought}
    assert names >= {"jupyterlab", "ipykernel", "ipywidgets", "accelerate", "peft", "plotly"}
    page = README.split("## Models")[0]
    for command, extra in {"rnaexplore app": "app"}.items():
        assert command in page
        assert f"(extra `{extra}`)" in page


def test_the_commands_of_the_first_page_are_commands() -> None:
    from rnaexplore.cli import app

    known = {command.name for command in app.registered_commands} | {"models"}
    named = set(re.findall(r"`rnaexplore (\w+)", README))
    assert named <= known
    assert {"map", "plot", "predict", "embed", "fold", "finetune"} <= named
