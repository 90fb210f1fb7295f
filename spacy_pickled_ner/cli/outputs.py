"""The files a training command writes: checked before training, written after it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wasabi import msg

if TYPE_CHECKING:
    from ..training import FineTuneResult


@dataclass(frozen=True)
class Outputs:
    """The output files of a run.

    model (Path): The model file.
    metrics, report (Optional[Path]): The metrics JSON and the HTML report.
    format (str): "v1" or "seed".
    """

    model: Path
    metrics: Path | None
    report: Path | None
    format: str

    def check(
        self,
        *,
        force: bool,
        checkpoint: str | os.PathLike[str] | None = None,
        also: Iterable[Path | None] = (),
        inputs: Iterable[Path | None] = (),
    ) -> None:
        """Check before training that all files can be written.

        force (bool): Existing files may be replaced.
        checkpoint (Optional[Union[str, Path]]): The checkpoint of the run. If it exists, existing
            files are from the same run, interrupted, and may be replaced.
        also (Iterable[Optional[Path]]): Other files that the command writes.
        inputs (Iterable[Optional[Path]]): Files that the command reads. They are never replaced.
        RAISES (SaveError): A file cannot be written.
        """
        from ..errors import SaveError
        from ..training.checkpoint import has_checkpoint

        force = force or (checkpoint is not None and has_checkpoint(Path(checkpoint)))
        read = {path.resolve() for path in inputs if path is not None}
        written: set[Path] = set()
        for path in (self.model, self.metrics, self.report, *also):
            if path is None:
                continue
            if path.resolve() in read:
                raise SaveError(f"cannot write {path}: this run reads it; use another name")
            if path.resolve() in written:
                raise SaveError(f"cannot write two files to {path}: use different names")
            check_writable(path, force=force)
            written.add(path.resolve())

    def find_checkpoint(self, *, resume: bool) -> Path | None:
        """Return the folder for the checkpoint of the run, the same for the same command.

        resume (bool): Use a checkpoint. If False, and there is one, a warning is printed.
        RETURNS (Optional[Path]): A folder beside the model file; None without `resume`.
        """
        from ..training.checkpoint import has_checkpoint

        folder = Path(f"{self.model}.checkpoint")
        if resume:
            return folder
        if has_checkpoint(folder):
            msg.warn(f"{folder} has an interrupted run; --resume would continue it")
        return None

    def paths(self) -> list[Path]:
        """List the files that are written."""
        return [path for path in (self.model, self.metrics, self.report) if path is not None]

    def write(self, result: FineTuneResult) -> None:
        """Write the model file, the metrics and the report, and print their names."""
        self.model.parent.mkdir(parents=True, exist_ok=True)
        result.dump(self.model, format=self.format)
        msg.good(f"Saved the pipeline to {self.model} ({_megabytes(self.model)})")
        if self.metrics is not None:
            write_json(self.metrics, result.to_dict())
            msg.good(f"Saved the metrics to {self.metrics}")
        if self.report is not None:
            from ..report import write_report

            self.report.parent.mkdir(parents=True, exist_ok=True)
            write_report(result.to_dict(), self.report, examples=result.examples)
            msg.good(f"Saved the report to {self.report}")


def write_json(path: Path, value: object) -> None:
    """Write plain data as JSON, and create the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_writable(path: Path, *, force: bool) -> None:
    """Check that a file can be written, and does not exist (unless `force`).

    path (Path): The file to write; missing folders will be created.
    force (bool): An existing file may be replaced.
    RAISES (SaveError): The file cannot be written, or exists.
    """
    from ..errors import SaveError

    # `a/../b` is `b` even if there is no `a`, so resolve it before creating folders.
    real = path.resolve()
    try:
        mode = path.lstat().st_mode if path.is_symlink() else real.lstat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as err:
        raise SaveError(f"cannot write {path}: {err.strerror or err}") from err
    if mode is not None:
        if stat.S_ISDIR(mode):
            raise SaveError(f"cannot write {path}: it is a directory; name a file in it")
        if stat.S_ISLNK(mode):
            raise SaveError(f"cannot write {path}: it is a symbolic link; name its target {real}")
        if not stat.S_ISREG(mode):
            raise SaveError(f"cannot write {path}: it is not a regular file")
        if not force:
            raise SaveError(f"{path} already exists: use --force to replace it, or another name")
    folder = next(parent for parent in real.parents if parent.is_dir())
    try:
        # Try it: on read-only file systems and for root, os.access() is wrong.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as err:
        raise SaveError(
            f"cannot write {path}: no file can be created in {folder} ({err.strerror or err})"
        ) from err


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
