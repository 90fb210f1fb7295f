"""The files a training command writes: checked before training, written after it."""

from __future__ import annotations

import json
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
    """Where the results of a run go.

    model (Path): The model file.
    metrics, report (Optional[Path]): The metrics JSON and the HTML report.
    format (str): "v1" or "seed".
    """

    model: Path
    metrics: Path | None
    report: Path | None
    format: str

    def check(self, *, force: bool, also: Iterable[Path | None] = ()) -> None:
        """Refuse what cannot or must not be written, before any time is spent.

        force (bool): Existing files may be replaced.
        also (Iterable[Optional[Path]]): Other files that the command writes.
        RAISES (SaveError): Says which file, and why.
        """
        for path in (self.model, self.metrics, self.report, *also):
            if path is not None:
                check_writable(path, force=force)

    def write(self, result: FineTuneResult) -> None:
        """Write the model file, the metrics and the report, and say so."""
        self.model.parent.mkdir(parents=True, exist_ok=True)
        result.dump(self.model, format=self.format)
        msg.good(f"Saved the pipeline to {self.model} ({_megabytes(self.model)})")
        if self.metrics is not None:
            write_json(self.metrics, result.to_dict())
            msg.good(f"Saved the metrics to {self.metrics}")
        if self.report is not None:
            from ..report import write_report

            self.report.parent.mkdir(parents=True, exist_ok=True)
            write_report(result.to_dict(), self.report, examples=result.examples())
            msg.good(f"Saved the report to {self.report}")


def write_json(path: Path, value: object) -> None:
    """Write plain data as JSON, and make its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_writable(path: Path, *, force: bool) -> None:
    """Refuse a file that exists (unless `force`), or whose folder cannot be written to."""
    from ..errors import SaveError

    if path.is_dir():
        raise SaveError(f"cannot write {path}: it is a directory")
    if path.exists() and not force:
        raise SaveError(f"{path} exists already: use --force to replace it, or another name")
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    try:
        # Asking is not enough: read-only file systems and root answer access() wrongly.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as err:
        raise SaveError(f"cannot write {path}: {err.strerror or err}") from err


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
