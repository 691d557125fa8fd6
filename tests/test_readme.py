from __future__ import annotations

import re
import subprocess
import sys
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
