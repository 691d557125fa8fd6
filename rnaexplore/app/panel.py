"""The panel: takes uploads, runs the job, hands out files. Bad input never loses good work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from rnaexplore import _keys
from rnaexplore.app import analysis, results
from rnaexplore.app.limits import Limits
from rnaexplore.app.uploads import Incoming, receive
from rnaexplore.errors import InputError, RnaExploreError

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Panel"]

IDLE = {"running": False, "step": "", "share": 0.0}
PAUSE = 0.1  #: seconds between looks at the job
Show = Callable[["AnnData", Any], None]


def _static(name: str) -> str:
    return (files("rnaexplore.app") / "static" / name).read_text(encoding="utf-8")


def _told(error: Exception) -> str:
    """Return what the page says: our own errors explain themselves."""
    if isinstance(error, RnaExploreError):
        return str(error)
    return f"this failed ({type(error).__name__}: {error}); what was there before is kept"


class Panel(anywidget.AnyWidget):
    """Upload, choice of model, job and downloads.

    Parameters
    ----------
    limits
        What is allowed.
    show
        Called with the results and the loaded model when a job has ended well.

    Attributes
    ----------
    rnas : AnnData or None
        The last upload that could be read.
    made : AnnData or None
        The results of the last job that ended well; nothing else ever replaces them.
    """

    _esm = _static("panel.js")
    _css = _static("panel.css")

    _limits: traitlets.Dict[str, float] = traitlets.Dict().tag(sync=True)
    _models: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    _file = traitlets.Dict().tag(sync=True)
    _job = traitlets.Dict(IDLE).tag(sync=True)
    _error = traitlets.Unicode("").tag(sync=True)
    _notes: traitlets.List[str] = traitlets.List().tag(sync=True)
    _downloads: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    _source = traitlets.Dict().tag(sync=True)

    def __init__(self, limits: Limits, *, show: Show) -> None:
        super().__init__(
            _limits={
                "bytes": limits.bytes, "rnas": limits.rnas, "gigabytes": limits.gigabytes,
            },
            _models=analysis.models_to_offer(),
        )  # fmt: skip
        self._allowed, self._show = limits, show
        self._incoming: Incoming | None = None
        self._stop = False
        self._progress = ("", 0.0)
        self._task: asyncio.Task[None] | None = None
        self.rnas: AnnData | None = None
        self.made: AnnData | None = None
        self.on_msg(self._hear)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Refuse: what is shown is said here, and a browser asks by messages alone."""

    def _hear(self, _: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        """Do what the browser asks for; what goes wrong is said there."""
        actions = {
            "announce": lambda: self._announce(message),
            "piece": lambda: self._take(bytes(buffers[0])),
            "sent": self._read,
            "sample": self._sample,
            "run": lambda: self._start(str(message["model"]), fold=bool(message["fold"])),
            "stop": self._end,
            "download": lambda: self._deliver(str(message["kind"])),
        }
        action = actions.get(str(message.get("type")))
        if action is not None:
            self._guarded(action)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the page has to say that it failed
            self._incoming = None
            self._error = _told(error)

    # uploads --------------------------------------------------------------------------------

    def _announce(self, message: dict[str, Any]) -> None:
        self._error = ""
        self._incoming = None
        self._incoming = Incoming.announce(
            str(message["name"]), int(message["size"]), self._allowed
        )

    def _take(self, piece: bytes) -> None:
        if self._incoming is not None:  # else it was refused, and pieces are still on their way
            self._incoming.add(piece)

    def _read(self) -> None:
        upload, self._incoming = self._incoming, None
        if upload is not None:
            received = receive(upload)
            self._accept(received.adata, upload.name, received.notes)

    def _sample(self) -> None:
        from rnaexplore.datasets import rfam_sample

        self._error = ""
        self._accept(rfam_sample(), "the shipped sample", ())

    def _accept(self, adata: AnnData, name: str, notes: tuple[str, ...]) -> None:
        self.rnas = adata
        self._notes = list(notes)
        self._file = {"name": name, "rnas": adata.n_obs}

    def open_stored(self, path: Path) -> None:
        """Show an ``.h5ad`` file that the server was started with."""
        from rnaexplore.io.stored import read_stored

        self._guarded(lambda: self._accept(read_stored(path), path.name, ()))
        if self.rnas is not None and len(self.rnas.obsm):
            self._guarded(lambda: self._finish(self.rnas, self._model_of_file(), self._file))

    def _model_of_file(self) -> Any:
        """Return the model that embedded the open file, or the first that is offered."""
        from rnaexplore.models import load_model

        assert self.rnas is not None
        made = self.rnas.uns.get(_keys.PROVENANCE, {}).values()
        used = {record.get("model") for record in made}
        names = sorted((model["name"] for model in self._models), key=lambda n: n not in used)
        return load_model(names[0]) if names else None

    # the job --------------------------------------------------------------------------------

    def _start(self, name: str, *, fold: bool) -> None:
        if self._job["running"]:
            msg = "a job is running; wait for it, or stop it"
            raise InputError(msg)
        if self.rnas is None:
            msg = "there are no RNAs yet; choose a file, or take the sample"
            raise InputError(msg)
        offered = {model["name"]: model for model in self._models}
        if name not in offered or (fold and not offered[name]["folds"]):
            msg = f"the model {name!r} is not offered here" if name not in offered else (
                f"{name} predicts no structures; leave them out, or choose another model"
            )  # fmt: skip
            raise InputError(msg)
        self._stop, self._error = False, ""
        self._progress = ("load the model", 0.0)
        self._say_progress()
        self._task = asyncio.get_running_loop().create_task(self._run(self.rnas, name, fold=fold))

    async def _run(self, adata: AnnData, name: str, *, fold: bool) -> None:
        """Compute beside the page, so that it goes on answering."""
        source = self._file
        work = asyncio.create_task(asyncio.to_thread(self._compute, adata, name, fold=fold))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=PAUSE)
                self._say_progress()
            made, model = work.result()
            self._finish(made, model, source)
        except analysis.StoppedError:
            self._error = "stopped; nothing was changed"
        except Exception as error:  # noqa: BLE001 - the page has to say that the job has ended
            self._error = _told(error)
        finally:
            self._job = IDLE

    def _compute(self, adata: AnnData, name: str, *, fold: bool) -> tuple[AnnData, Any]:
        from rnaexplore.models import load_model

        model = load_model(name)
        return analysis.analyse(adata, model, fold=fold, report=self._report), model

    def _report(self, step: str, share: float) -> None:
        self._progress = (step, share)
        if self._stop:
            raise analysis.StoppedError

    def _say_progress(self) -> None:
        step, share = self._progress
        self._job = {"running": True, "step": step, "share": round(share, 3)}

    def _end(self) -> None:
        self._stop = True

    def _finish(self, made: AnnData | None, model: Any, source: dict[str, Any]) -> None:
        assert made is not None
        self._show(made, model)
        self.made, self._source = made, source
        self._downloads = results.offered(made)

    # files ----------------------------------------------------------------------------------

    def _deliver(self, kind: str) -> None:
        if self.made is None:
            msg = "there are no results yet; run the job first"
            raise InputError(msg)
        self._error = ""
        content = results.make(kind, self.made)
        stem = _keys.safe(str(self._source["name"]).split(".")[0])
        self.send({"type": "file", "name": f"{stem or 'rnas'}.{kind}"}, [content])
