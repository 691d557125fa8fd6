"""What computes: torch, its back ends for attention, the GPU."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from rnaexplore.diagnostics.report import Check, note, ok, problem

__all__ = ["Compute", "check_compute", "survey"]

AREA = "compute"
CPU_WHEELS = "pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/cpu"
GPU_WHEELS = "pip install --force-reinstall torch, with the index of https://pytorch.org for CUDA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """What there is to compute with.

    Attributes
    ----------
    torch
        Version, empty if it cannot be imported.
    error
        Why torch cannot be imported.
    build
        ``"cpu"``, or what the build is for, such as ``"CUDA 12.8"``.
    gpus
        Names of the GPUs that torch sees.
    driver
        Whether a driver of NVIDIA is on this machine.
    hidden
        Whether ``CUDA_VISIBLE_DEVICES`` hides all GPUs.
    sdpa
        Whether torch has fused attention.
    flash
        ``"absent"``, ``"works"``, or why the installed flash-attn cannot be imported.
    """

    torch: str = ""
    error: str = ""
    build: str = "cpu"
    gpus: tuple[str, ...] = ()
    driver: bool = False
    hidden: bool = False
    sdpa: bool = True
    flash: str = "absent"


def survey() -> Compute:
    """Return what there is; imports torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    driver = shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()
    hidden = visible is not None and visible.strip() in {"", "-1"}
    try:
        import torch
    except (ImportError, OSError) as error:
        return Compute(error=f"{type(error).__name__}: {error}", driver=driver, hidden=hidden)
    return Compute(
        torch=torch.__version__,
        build=f"CUDA {torch.version.cuda}" if torch.version.cuda else _other_build(torch),
        gpus=_gpus(torch),
        driver=driver,
        hidden=hidden,
        sdpa=hasattr(torch.nn.functional, "scaled_dot_product_attention"),
        flash=_flash(),
    )


def _other_build(torch: object) -> str:
    versions = getattr(torch, "version", None)
    hip = getattr(versions, "hip", None)
    return f"ROCm {hip}" if hip else "cpu"


def _gpus(torch: object) -> tuple[str, ...]:
    cuda = torch.cuda  # type: ignore[attr-defined]
    if not cuda.is_available():
        return ()
    return tuple(cuda.get_device_name(k) for k in range(cuda.device_count()))


def _flash() -> str:
    if find_spec("flash_attn") is None:
        return "absent"
    try:
        import_module("flash_attn")
    except (ImportError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return "works"


def check_compute(found: Compute) -> list[Check]:
    """Judge what there is to compute with."""
    if not found.torch:
        return [problem(AREA, "torch", f"cannot be imported ({found.error})", CPU_WHEELS)]
    return [ok(AREA, "torch", f"{found.torch} ({found.build})"), _gpu(found), _attention(found)]


def _gpu(found: Compute) -> Check:
    if found.gpus:
        return ok(AREA, "GPU", ", ".join(found.gpus))
    if found.hidden and found.driver:
        told = "there is a driver, but CUDA_VISIBLE_DEVICES hides every GPU"
        return note(AREA, "GPU", told, "unset CUDA_VISIBLE_DEVICES, or go on with the CPU")
    if found.driver and found.build == "cpu":
        told = "there is a driver of NVIDIA, but this torch is built for CPUs"
        return problem(AREA, "GPU", told, GPU_WHEELS)
    if found.driver:
        told = f"torch is built for {found.build} and there is a driver, but torch sees no GPU"
        cure = f"run nvidia-smi: if the driver is older than {found.build}, update it or take a"
        return problem(AREA, "GPU", told, f"{cure}\ntorch for an older CUDA (https://pytorch.org)")
    if found.build != "cpu":
        told = f"none, though torch is built for {found.build}: it runs on the CPU"
        return note(AREA, "GPU", told, f"to spare 3 GB of disk: {CPU_WHEELS}")
    return ok(AREA, "GPU", "none: models run on the CPU")


def _attention(found: Compute) -> Check:
    if found.flash not in {"absent", "works"}:
        told = f"flash-attn is installed but cannot be imported ({found.flash})"
        cure = "pip uninstall flash-attn, or build it again for this torch: pip install flash-attn"
        return problem(AREA, "attention", told, f"{cure} --no-build-isolation")
    if not found.sdpa:
        told = "this torch has no scaled_dot_product_attention"
        return problem(AREA, "attention", told, 'pip install "torch>=2.6"')
    if found.flash == "works" and found.gpus:
        return ok(AREA, "attention", "flash-attn in half precision, else sdpa; eager for maps")
    if found.gpus:
        told = "sdpa; eager for maps"
        cure = 'for half precision: pip install "rnaexplore[flash]"'
        return note(AREA, "attention", told, cure)
    return ok(AREA, "attention", "sdpa; eager for maps")
