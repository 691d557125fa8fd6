"""Each broken environment gets the cure that mends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rnaexplore as rx
from rnaexplore.diagnostics import compute, frontend, packages, servers, weights
from rnaexplore.diagnostics.compute import Compute
from rnaexplore.diagnostics.report import Diagnosis, note, ok, problem

VERSIONS = {"anywidget": "0.11.0", "ipywidgets": "8.1.9"}
OFFLINE = {"HF_HUB_OFFLINE": "1"}


def only(checks):
    assert len(checks) == 1, checks
    return checks[0]


def problems(checks):
    return [check for check in checks if check.status == "problem"]


# what it says -------------------------------------------------------------------------------


def test_every_area_is_looked_at():
    report = rx.doctor()
    assert {check.area for check in report.checks} == {"packages", "front end", "compute", "models"}
    assert report.ok == (not report.problems)
    assert all(check.cure for check in report.checks if check.status != "ok")


def test_problems_are_printed_with_their_cure():
    report = Diagnosis((ok("a", "x", "fine"), problem("a", "y", "gone", "get it\nor leave it")))
    assert not report.ok
    assert str(report).splitlines() == [
        "a",
        "  ok      x: fine",
        "  PROBLEM y: gone",
        "          → get it",
        "          → or leave it",
        "1 problem",
    ]
    assert Diagnosis((note("a", "z", "limited", "do this"),)).ok


def test_command_exits_with_1_if_there_is_a_problem_and_0_if_not(tmp_path):
    moving = {"RNAEXPLORE_MODELS", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}
    environment = {k: v for k, v in os.environ.items() if k not in moving}
    environment |= {"CUDA_VISIBLE_DEVICES": "", "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    good = command(environment)
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.rstrip().endswith("no problems")
    bad = command(environment | {"RNAEXPLORE_MODELS": str(tmp_path / "nothing")})
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "nothing is not there" in bad.stdout
    assert "unset RNAEXPLORE_MODELS" in bad.stdout


def command(environment):
    code = "from rnaexplore.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "doctor"],
        check=False, capture_output=True, text=True, env=environment,
    )  # fmt: skip


# packages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("have", "found", "cure"),
    [
        (None, "not installed", 'pip install "pynndescent<0.7,>=0.5.13"'),
        ("0.7.0", "0.7.0, but rnaexplore needs <0.7", 'pip install "pynndescent<0.7,>=0.5.13"'),
    ],
)
def test_missing_and_unfit_packages(have, found, cure):
    asked = ["pynndescent<0.7,>=0.5.13", "numpy>=1.26", "voila>=0.5; extra == 'app'"]
    versions = {"pynndescent": have, "numpy": "2.0", "rnaexplore": rx.__version__}.get
    check = only(problems(packages.check_requirements(asked, versions)))
    assert check.subject == "pynndescent"
    assert check.found.startswith(found)
    assert check.cure == cure


def test_another_copy_than_the_installed_one_is_told():
    first = packages.check_requirements([], {"rnaexplore": "9.9"}.get)[0]
    assert first.status == "note"
    assert "9.9 is installed" in first.found


def test_an_installation_without_its_files(tmp_path):
    check = only(packages.check_files(tmp_path))
    assert "widgets/explorer/explorer.js" in check.found
    assert check.cure.startswith("pip install --force-reinstall")
    assert packages.check_files() == []


def test_absent_extras_are_notes_that_name_what_is_missed():
    check = only(packages.check_extras(lambda module: None if module == "RNA" else object()))
    assert check.status == "note"
    assert "thermodynamics" in check.found
    assert check.cure == 'pip install "rnaexplore[vienna]"'


# front end ----------------------------------------------------------------------------------


def test_a_fit_server_is_ok(healthy):
    check = only(frontend.check_server(healthy(), VERSIONS.get))
    assert check.status == "ok"
    assert "jupyterlab 4.6.6" in check.found


@pytest.mark.parametrize("shown", ["0.9.13", "1.11.0", None])
def test_another_anywidget_in_the_server_than_in_the_kernel(healthy, shown):
    extensions = {frontend.MANAGER: "5.0.16"} | ({"anywidget": shown} if shown else {})
    check = only(frontend.check_server(healthy(extensions=extensions), VERSIONS.get))
    assert check.status == "problem"
    assert f"kernel 0.11.0, server {shown or 'none'}" in check.found
    assert '"/opt/hub/bin/python" -m pip install "anywidget==0.11.0"' in check.cure
    assert "restart the server" in check.cure


def test_a_patch_release_apart_is_fine(healthy):
    server = healthy(extensions={"anywidget": "0.11.7", frontend.MANAGER: "5"})
    assert problems(frontend.check_server(server, VERSIONS.get)) == []


@pytest.mark.parametrize(("ipywidgets", "fit"), [("8.1.9", "3"), ("7.8.2", "1")])
@pytest.mark.parametrize("shown", ["2.0.0", None])
def test_a_widget_manager_that_does_not_fit(healthy, ipywidgets, fit, shown):
    versions = {"anywidget": "0.11.0", "ipywidgets": ipywidgets}.get
    server = healthy(versions={"jupyterlab_widgets": shown} if shown else {})
    check = only(frontend.check_server(server, versions))
    assert f"kernel has ipywidgets {ipywidgets}" in check.found
    assert f'-m pip install "jupyterlab_widgets=={fit}.*"' in check.cure


def test_a_widget_manager_without_its_extension_is_installed_again(healthy):
    check = only(frontend.check_server(healthy(extensions={"anywidget": "0.11.0"}), VERSIONS.get))
    assert frontend.MANAGER in check.found
    assert "--force-reinstall" in check.cure


def test_an_older_environment_is_asked_through_its_interpreter(other_environment):
    server = servers.ask(str(other_environment("0.9.13")), "the hub")
    assert server.extensions["anywidget"] == "0.9.13"
    found = problems(frontend.check_server(server, VERSIONS.get))
    assert [check.subject for check in found] == ["anywidget"]
    assert str(server.python) in found[0].cure


def test_a_server_that_cannot_be_asked(tmp_path):
    server = servers.ask(str(tmp_path / "python"), "the hub")
    assert "cannot be asked" in only(frontend.check_server(server, VERSIONS.get)).found


def test_the_jupyter_on_path_is_found_through_its_script(tmp_path, other_environment, monkeypatch):
    python = other_environment()
    script = python.with_name("jupyter")
    script.write_text(f"#!{python}\nprint()\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "none"))
    server = only(servers.find_servers())
    assert (server.python, server.extensions["anywidget"]) == (str(python), "0.9.13")


def test_a_script_with_a_path_too_long_for_its_first_line(tmp_path):
    script = tmp_path / "jupyter"
    script.write_text("#!/bin/sh\n'''exec' \"/a b/python3\" \"$0\" \"$@\"\n' '''\n")
    assert servers.interpreter(script) == "/a b/python3"


def test_a_running_server_is_found_before_the_one_on_path(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    about = {"pid": os.getpid(), "url": "http://localhost:8888/"}
    (tmp_path / "jpserver-1.json").write_text(json.dumps(about))
    server = only(servers.find_servers())
    assert server.known_as == "the server at http://localhost:8888/"
    assert Path(server.python).samefile(sys.executable)


def test_front_ends_without_a_server_of_their_own(tmp_path):
    assert "enable_custom_widget_manager" in only(frontend.check_front_end("colab", [])).cure
    check = only(frontend.check_front_end("vscode", [], prefix=str(tmp_path)))
    assert check.status == "problem"
    (tmp_path / "share/jupyter/nbextensions/anywidget").mkdir(parents=True)
    assert only(frontend.check_front_end("vscode", [], prefix=str(tmp_path))).status == "ok"
    assert "rnaexplore[jupyter]" in only(frontend.check_front_end("shell", [])).cure


# compute ------------------------------------------------------------------------------------

CPU = {"torch": "2.13.0+cpu"}
CUDA = {"torch": "2.13.0", "build": "CUDA 12.8"}


@pytest.mark.parametrize(
    ("facts", "status", "found", "cure"),
    [
        (CPU, "ok", "models run on the CPU", ""),
        (CUDA, "note", "none, though torch is built for CUDA 12.8", "whl/cpu"),
        (CUDA | {"driver": True}, "problem", "torch sees no GPU", "run nvidia-smi"),
        (CPU | {"driver": True}, "problem", "built for CPUs", "CUDA"),
        (CUDA | {"driver": True, "hidden": True}, "note", "hides every GPU", "unset CUDA"),
        (CUDA | {"driver": True, "gpus": ("H200",)}, "ok", "H200", ""),
    ],
)
def test_gpus(facts, status, found, cure):
    check = compute.check_compute(Compute(**facts))[1]
    assert check.subject == "GPU"
    assert check.status == status
    assert found in check.found
    assert cure in check.cure


def test_a_torch_that_cannot_be_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    check = only(compute.check_compute(compute.survey()))
    assert check.status == "problem"
    assert "cannot be imported" in check.found
    assert check.cure.startswith("pip install --force-reinstall torch")


def test_a_flash_attention_built_for_another_torch(tmp_path, monkeypatch):
    broken = 'raise ImportError("undefined symbol: _ZN3c104cuda9SetDevice")\n'
    (tmp_path / "flash_attn.py").write_text(broken)
    monkeypatch.syspath_prepend(tmp_path)
    check = compute.check_compute(compute.survey())[-1]
    assert check.status == "problem"
    assert "undefined symbol" in check.found
    assert "--no-build-isolation" in check.cure


def test_attention_back_ends():
    gpu = CUDA | {"driver": True, "gpus": ("H200",)}
    assert "flash-attn in half" in compute.check_compute(Compute(**gpu, flash="works"))[-1].found
    assert "rnaexplore[flash]" in compute.check_compute(Compute(**gpu))[-1].cure
    assert "torch>=2.6" in compute.check_compute(Compute(**CPU, sdpa=False))[-1].cure


# models -------------------------------------------------------------------------------------


def test_a_folder_of_models_that_is_not_there_or_empty(tmp_path):
    def check(place):
        return only(weights.check_folder({"RNAEXPLORE_MODELS": str(place)}))

    file = tmp_path / "file"
    file.write_text("")
    assert check(tmp_path / "no").found.endswith("is not there")
    assert check(file).found.endswith("is a file")
    empty = check(tmp_path)
    assert empty.status == "problem"
    assert "no checkpoint of a known model" in empty.found
    named = Path(empty.cure.rpartition(": ")[2])
    named.parent.mkdir(parents=True, exist_ok=True)
    named.write_bytes(b"0" * 2048)  # following the cure is the cure
    assert check(tmp_path).status == "ok"
    assert weights.check_folder({}) == []


def test_downloads_forbidden_while_weights_are_missing():
    alone = only(weights.check_offline({"mini": Path("m")}, offline=True, environment=OFFLINE))
    assert alone.status == "problem"
    assert alone.cure.startswith("unset HF_HUB_OFFLINE")
    some = {"mini": Path("m"), "rnafm": Path("r")}
    check = only(
        weights.check_offline(some, offline=True, environment={"TRANSFORMERS_OFFLINE": "1"})
    )
    assert check.status == "note"
    assert "TRANSFORMERS_OFFLINE forbids" in check.found
    assert only(weights.check_offline(some, offline=False)).status == "ok"


def test_caches_that_cannot_be_used(tmp_path, monkeypatch):
    file = tmp_path / "cache"
    file.write_text("")
    check = only(weights.check_caches({"HF_HOME": file / "hub"}))
    assert "is a file" in check.found
    assert "export HF_HOME=" in check.cure
    folder = tmp_path / "folder"
    folder.mkdir()
    assert weights.check_caches({"HF_HOME": folder}) == []
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.R_OK)
    unreadable = only(weights.check_caches({"HF_HOME": folder}))
    assert unreadable.status == "problem"
    assert f'chmod u+rx "{folder}"' in unreadable.cure
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert only(weights.check_caches({"HF_HOME": folder})).status == "note"


def test_files_that_are_no_weights(tmp_path):
    pointer, cut, gone = tmp_path / "pointer", tmp_path / "cut", tmp_path / "gone"
    pointer.write_bytes(weights.LFS + b"/spec/v1\noid sha256:0\n" + b" " * 2000)
    cut.write_bytes(b"")
    found = problems(
        weights.check_weights({"rnafm": pointer, "rinalmo-giga": cut, "rnabert": gone})
    )
    told = {check.subject: check for check in found}
    assert "lfs pull" in told["rnafm"].cure
    assert "0 bytes" in told["rinalmo-giga"].found
    assert "cannot be read" in told["rnabert"].found
    assert told["mini"].cure.startswith("pip install --force-reinstall")


def test_what_is_on_disk_is_what_loads_without_a_network():
    found = weights.weights_on_disk()
    assert found["mini"].is_file()
