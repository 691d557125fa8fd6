"""The examination: everything that is looked at, in order."""

from __future__ import annotations

from rnaexplore.diagnostics import compute, frontend, packages, servers, weights
from rnaexplore.diagnostics.report import Check, Diagnosis, problem

__all__ = ["doctor"]


def doctor() -> Diagnosis:
    """Look at the installation: what is wrong, and its cure.

    In a notebook it compares the kernel with the server that shows it; from a shell, with the
    servers that run, else with the one that ``jupyter`` would start. Nothing is changed and no
    network is used.

    Returns
    -------
    Diagnosis
        Its checks, on packages, front end, compute and models. Printed, each problem stands
        with its cure; ``ok`` says whether there is none.

    Examples
    --------
    >>> report = doctor()
    >>> all(check.cure for check in report.problems)
    True
    """
    checks = [
        *packages.check_requirements(),
        *packages.check_files(),
        *packages.check_extras(),
        *frontend.check_front_end(frontend.front_end(), servers.find_servers()),
        *compute.check_compute(compute.survey()),
        *_models(),
    ]
    return Diagnosis(tuple(checks))


def _models() -> list[Check]:
    try:
        from rnaexplore.models.weights.download import offline

        found = weights.weights_on_disk()
    except ImportError as error:
        told, cure = f"models cannot be looked at ({error})", "cure the packages named above first"
        return [problem(weights.AREA, "registry", told, cure)]
    return [
        *weights.check_weights(found),
        *weights.check_folder(),
        *weights.check_caches(),
        *weights.check_offline(found, offline=offline()),
    ]
