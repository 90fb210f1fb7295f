"""The configs for stock `spacy train`, each run by the real command; and spaCy's other commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli import app
from spacy.tokens import DocBin
from spacy.util import load_config
from typer.testing import CliRunner

import spacy_pickled_ner as spn
from spacy_pickled_ner.annotations import AnnotatedCorpus
from spacy_pickled_ner.evaluation import evaluate
from spacy_pickled_ner.training.frozen import digest_frozen

from .cli.conftest import plain
from .conftest import DEV_ROWS, OLD_ROWS, RAW, TRAIN_ROWS, write_jsonl

CONFIGS = Path(__file__).parent.parent / "configs"
STOCK = ("early_stopping.cfg", "train_from_jsonl.cfg", "update_ner.cfg", "rehearse.cfg")
# The weights of a run of seconds.
TINY = {
    "training.eval_frequency": "10",
    "training.max_steps": "60",
    "training.optimizer.learn_rate": "0.01",
    "components.ner.model.tok2vec.width": "32",
    "components.ner.model.tok2vec.depth": "1",
}


def write_data(folder: Path) -> Path:
    """Put data where the demo leaves it."""
    demo = folder / "pickled-ner-demo"
    demo.mkdir()
    write_jsonl(demo / "instrument-train.jsonl", TRAIN_ROWS)
    write_jsonl(demo / "instrument-dev.jsonl", DEV_ROWS)
    write_jsonl(demo / "base-train.jsonl", RAW)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with the data, made the current one."""
    monkeypatch.chdir(tmp_path)
    return write_data(tmp_path)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `early_stopping.cfg` has run, with its log in log.txt."""
    folder = write_data(tmp_path_factory.mktemp("stopped"))
    log = train("early_stopping.cfg", "--training.logger.early_stopping.patience", "2", cwd=folder)
    (folder / "log.txt").write_text(log, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, tiny_base_pkl: Path) -> Path:
    """A folder in which `rehearse.cfg` has run."""
    folder = write_data(tmp_path_factory.mktemp("rehearsed"))
    (folder / "pickled-ner-demo" / "base.pkl").write_bytes(tiny_base_pkl.read_bytes())
    train("rehearse.cfg", cwd=folder)
    return folder


@pytest.fixture
def base_pkl(folder: Path, tiny_base_pkl: Path) -> Path:
    path = folder / "pickled-ner-demo" / "base.pkl"
    path.write_bytes(tiny_base_pkl.read_bytes())
    return path


def train(name: str, *more: str, cwd: Path | None = None) -> str:
    settings = [part for key, value in TINY.items() for part in (f"--{key}", value)]
    command = [sys.executable, "-m", "spacy", "train", str(CONFIGS / name), "--output", "training"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command += [*settings, *more]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=cwd
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return plain(ran.stdout)


def run(*args: str | Path) -> str:
    """Run one of spaCy's own commands, in this process."""
    ran = CliRunner().invoke(app, [str(arg) for arg in args])
    assert ran.exit_code == 0, f"{args}\n{ran.output}\n{ran.exception!r}"
    return plain(ran.output)


def test_early_stopping_cfg(stopped: Path) -> None:
    log = (stopped / "log.txt").read_text(encoding="utf-8")
    assert "Stopped by patience: no improvement of ents_f" in log
    assert log.endswith("Saved the best pipeline to early-stopped.pkl")
    best = spacy.load(stopped / "training" / "model-best")
    assert best.get_pipe("ner").labels == ("DRINK",)
    assert (stopped / "training" / "model-last").is_dir()
    ours = spn.load(stopped / "early-stopped.pkl")
    assert ours.meta["performance"]["ents_f"] == best.meta["performance"]["ents_f"] > 0
    assert spn.inspect(stopped / "early-stopped.pkl")["training"]["stop"]["reason"] == "patience"


def test_early_stopping_cfg_without_a_file(folder: Path) -> None:
    log = train("early_stopping.cfg", "--paths.model", "null", "--training.max_steps", "10")
    assert "Stopped by max_steps" in log
    assert not list(folder.glob("*.pkl"))


def test_train_from_jsonl_cfg(folder: Path) -> None:
    train("train_from_jsonl.cfg")
    assert spacy.load("training/model-best")("I like cocoa a lot.").ents


def test_train_from_jsonl_cfg_on_conll_and_spacy_2s_tuples(folder: Path) -> None:
    nlp = spacy.blank("en")
    docs = [
        example.reference
        for example in AnnotatedCorpus("pickled-ner-demo/instrument-train.jsonl")(nlp)
    ]
    tags = (
        "\n".join(f"{t} {t.ent_iob_}-{t.ent_type_}".removesuffix("-") for t in doc) for doc in docs
    )
    Path("train.conll").write_text("\n\n".join(tags), encoding="utf-8")
    pairs = [
        (row["text"], {"entities": [(s["start"], s["end"], s["label"]) for s in row["spans"]]})
        for row in DEV_ROWS
    ]
    srsly.write_json("dev.json", pairs)
    train("train_from_jsonl.cfg", "--paths.train", "train.conll", "--paths.dev", "dev.json")
    assert spacy.load("training/model-best").get_pipe("ner").labels == ("DRINK",)


def test_a_bad_row_is_named(folder: Path) -> None:
    with Path("pickled-ner-demo/instrument-train.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "x", "spans": [{"start": 0, "end": 9, "label": "A"}]}\n')
    command = ["train", str(CONFIGS / "train_from_jsonl.cfg")]
    ran = CliRunner().invoke(app, command)
    assert isinstance(ran.exception, spn.AnnotationError)
    assert "instrument-train.jsonl, line 13: the A span 0-9 is outside" in str(ran.exception)


@pytest.mark.parametrize("kind", ["pkl", "directory"])
def test_update_ner_cfg(kind: str, base_pkl: Path, tiny_base_dir: Path) -> None:
    base = base_pkl if kind == "pkl" else tiny_base_dir
    log = train("update_ner.cfg", "--paths.base", str(base))
    assert "Frozen components: ['tagger']" in log
    best, before = spacy.load("training/model-best"), spacy.load(tiny_base_dir)
    assert best.pipe_names == ["tagger", "ner"]
    assert set(best.get_pipe("ner").labels) == {"PERSON", "DRINK"}
    assert evaluate(best, DEV_ROWS)["scores"]["ents_f"] > 0.8
    assert evaluate(best, OLD_ROWS)["scores"]["ents_f"] < 0.2
    assert digest_frozen(best, trained=["ner"]) == digest_frozen(before, trained=["ner"])


def test_rehearse_cfg_keeps_what_update_ner_cfg_forgets(
    rehearsed: Path, tiny_base_dir: Path
) -> None:
    best, before = spacy.load(rehearsed / "training/model-best"), spacy.load(tiny_base_dir)
    assert evaluate(best, DEV_ROWS)["scores"]["ents_f"] > 0.8
    assert evaluate(best, OLD_ROWS)["scores"]["ents_f"] > 0.9
    assert digest_frozen(best, trained=["ner"]) == digest_frozen(before, trained=["ner"])


def test_rehearse_cfg_ends_by_the_policy(base_pkl: Path) -> None:
    config = load_config(CONFIGS / "rehearse.cfg")
    config["training"]["logger"] = {
        "@loggers": "spacy-pickled-ner.EarlyStoppingLogger.v1",
        "path": "model.pkl",
        "early_stopping": {
            "@misc": "spacy-pickled-ner.EarlyStopping.v1",
            "monitor": "ents_per_type.DRINK.f",
            "patience": 2,
        },
    }
    config.to_disk("both.cfg")
    log = train(str(Path("both.cfg").absolute()))
    assert "Stopped by patience: no improvement of ents_per_type.DRINK.f" in log
    assert evaluate(spn.load("model.pkl"), OLD_ROWS)["scores"]["ents_f"] > 0.9


# spaCy's other commands.


@pytest.mark.parametrize("name", [*STOCK, "fine_tune.cfg", "seed.cfg"])
def test_fill_config_changes_nothing_that_is_said(name: str, base_pkl: Path) -> None:
    if name not in STOCK:
        # spaCy's command needs its own sections too; what it adds is not read by ours.
        text = (CONFIGS / name).read_text(encoding="utf-8")
        text += '\n[nlp]\nlang = "en"\npipeline = []\n\n[training]\n'
        Path("given.cfg").write_text(text, encoding="utf-8")
    else:
        Path("given.cfg").write_bytes((CONFIGS / name).read_bytes())
    run("init", "fill-config", "given.cfg", "filled.cfg")
    given, filled = load_config("given.cfg"), load_config("filled.cfg")
    if name in STOCK:
        assert filled == given
    else:
        assert filled["pickled_ner"].keys() >= given["pickled_ner"].keys()


@pytest.mark.parametrize("name", STOCK)
def test_debug_config(name: str, base_pkl: Path) -> None:
    assert "Config is valid" in run("debug", "config", CONFIGS / name)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("early_stopping.cfg", 1),
        ("train_from_jsonl.cfg", 1),
        ("update_ner.cfg", 2),
        ("rehearse.cfg", 2),
    ],
)
def test_debug_data(name: str, labels: int, base_pkl: Path) -> None:
    # It ends with exit code 1 because twelve texts are few.
    ran = CliRunner().invoke(app, ["debug", "data", str(CONFIGS / name)])
    output = plain(ran.output)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    assert "12 training docs" in output
    assert f"{labels} label(s)" in output


@pytest.mark.parametrize(
    ("registry", "name"),
    [
        ("loggers", "spacy-pickled-ner.EarlyStoppingLogger.v1"),
        ("readers", "spacy-pickled-ner.AnnotatedCorpus.v1"),
        ("readers", "spacy-pickled-ner.CompletedCorpus.v1"),
        ("callbacks", "spacy-pickled-ner.resume_from_base.v1"),
        ("callbacks", "spacy-pickled-ner.rehearse.v1"),
        ("misc", "spacy-pickled-ner.EarlyStopping.v1"),
    ],
)
def test_find_function(registry: str, name: str) -> None:
    # EarlyStopping is registered as a class, all others by a function in registrations/.
    where = "early_stopping.py" if name.endswith(".EarlyStopping.v1") else "registrations"
    assert where in run("find-function", name, "--registry", registry)


@pytest.fixture(params=["model-best", "rehearsed", "unpacked"])
def result(request: pytest.FixtureRequest, stopped: Path, rehearsed: Path, tmp_path: Path) -> Path:
    """What training leaves, as spaCy's own folder."""
    if request.param == "rehearsed":
        return rehearsed / "training" / "model-best"
    if request.param == "model-best":
        return stopped / "training" / "model-best"
    spn.unpack(stopped / "early-stopped.pkl", tmp_path / "unpacked")
    return tmp_path / "unpacked"


def test_info(result: Path) -> None:
    pipeline = spacy.load(result).pipe_names
    assert "ner" in run("info", result)
    assert f"**pipeline:** {pipeline}" in run("info", result, "--markdown")


@pytest.mark.parametrize("command", [("evaluate",), ("benchmark", "accuracy")])
def test_evaluate(command: tuple[str, ...], result: Path, tmp_path: Path) -> None:
    nlp = spacy.load(result)
    docs = [
        eg.reference for eg in AnnotatedCorpus(write_jsonl(tmp_path / "d.jsonl", DEV_ROWS))(nlp)
    ]
    DocBin(docs=docs).to_disk(tmp_path / "dev.spacy")
    run(*command, result, tmp_path / "dev.spacy", "--output", tmp_path / "metrics.json")
    found = srsly.read_json(tmp_path / "metrics.json")
    # Of the label that is annotated; spaCy also counts what the base finds beside it as wrong.
    (expected,) = evaluate(nlp, DEV_ROWS)["per_label"].values()
    assert found["ents_per_type"]["DRINK"]["f"] == pytest.approx(expected["f"])
    assert nlp.meta["performance"]["ents_per_type"]["DRINK"]["f"] == pytest.approx(expected["f"])


# spaCy's command leaves it to the garbage collector to close its files.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_package(result: Path, tmp_path: Path) -> None:
    run("package", result, tmp_path, "--name", "drinks", "--build", "none")
    (meta,) = tmp_path.glob("en_drinks-*/meta.json")
    # Nothing of ours is needed to use it.
    (requirement,) = srsly.read_json(meta)["requirements"]
    assert requirement.startswith("spacy>=")
