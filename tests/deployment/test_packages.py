"""A packaged model file is what `spacy.load`, `spacy info` and pip expect of a pipeline."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import spacy
from spacy.language import Language

import spacy_pickled_ner as spn
from spacy_pickled_ner.deployment import packages, requirements
from spacy_pickled_ner.deployment.naming import check_name, check_version

from ..model_file.pipelines import TEXTS


@pytest.fixture(scope="module")
def model(pipelines, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "model.pkl"
    spn.dump(pipelines("full"), path)
    return path


@pytest.fixture
def importable(monkeypatch):
    """Make a package's folder importable for one test."""

    def add(folder):
        monkeypatch.syspath_prepend(str(folder))
        importlib.invalidate_caches()

    before = set(sys.modules)
    yield add
    for name in set(sys.modules) - before:
        del sys.modules[name]


def read_project(made):
    tomllib = pytest.importorskip("tomllib")  # from Python 3.11 on
    return tomllib.loads((made.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def blank(**meta):
    nlp = spacy.blank("en")
    nlp.meta.update(name="plain", version="1.0", **meta)
    return spn.dumps(nlp)


def test_what_is_made(model, tmp_path):
    made = spn.package(model, tmp_path, name="my_ner", version="1.2.0")
    assert made.name == "en_my_ner"
    assert made.folder == tmp_path / "en_my_ner-1.2.0"
    assert made.archive is None
    assert (made.folder / "en_my_ner" / "model.pkl").read_bytes() == model.read_bytes()
    project = read_project(made)
    assert project["dependencies"] == list(made.requirements)
    assert project["dependencies"][0] == f"spacy-pickled-ner>={spn.__version__}"
    assert project["dependencies"][1].startswith("spacy>=")
    assert project["entry-points"] == {"spacy_models": {"en_my_ner": "en_my_ner"}}
    meta = json.loads((made.folder / "en_my_ner" / "meta.json").read_text(encoding="utf-8"))
    assert (meta["lang"], meta["name"], meta["version"]) == ("en", "my_ner", "1.2.0")
    assert meta["labels"]["ner"] == ["GPE", "ORG", "PERSON"]
    assert "spacy_pickled_ner" not in meta
    assert 'spacy.load("en_my_ner")' in (made.folder / "README.md").read_text(encoding="utf-8")


def test_nothing_is_built(model, tmp_path, monkeypatch):
    monkeypatch.setattr(Language, "__init__", None)
    spn.package(model, tmp_path)


def test_importing_and_loading(model, tmp_path, pipelines, importable):
    importable(spn.package(model, tmp_path, name="imported", version="2.0").folder)
    module = importlib.import_module("en_imported")
    assert module.__version__ == "2.0"
    nlp = module.load()
    assert (nlp.meta["name"], nlp.meta["version"]) == ("imported", "2.0")
    assert nlp.meta["spacy_pickled_ner"]["best_step"] == 3
    expected = [doc.to_json() for doc in pipelines("full").pipe(TEXTS)]
    assert [doc.to_json() for doc in nlp.pipe(TEXTS)] == expected


def test_options_are_passed_on(model, tmp_path, importable):
    importable(spn.package(model, tmp_path, name="options").folder)
    load = importlib.import_module("en_options").load
    vocab = spacy.blank("en").vocab
    nlp = load(vocab=vocab, disable="tagger", exclude=["parser"], config={"nlp.batch_size": 7})
    assert nlp.vocab is vocab
    assert nlp.disabled == ["tagger"]
    assert "parser" not in nlp.component_names
    assert nlp.batch_size == 7
    assert load(enable=["ner"]).pipe_names == ["ner"]


def test_a_package_for_another_spacy_warns(tmp_path, importable):
    importable(spn.package(blank(spacy_version=">=3.0.0,<3.1.0"), tmp_path).folder)
    with pytest.warns(UserWarning, match="W095"):
        importlib.import_module("en_plain").load()


@pytest.mark.parametrize(
    ("lang", "name", "expected"),
    [
        ("en", "my_ner", ("en_my_ner", "my_ner")),
        ("en", "en_core_web_sm", ("en_core_web_sm", "core_web_sm")),
        ("xx", "2024", ("xx_2024", "2024")),
    ],
)
def test_names(lang, name, expected):
    assert check_name(lang, name) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("", "en_", "a-b", "a b", "../x", "a/b", "a.b", "a__b", "_a", "a_", "ä", "a\n", "x" * 200),
        *(None, 5, ["a"]),
    ],
)
def test_bad_names(name):
    with pytest.raises(spn.SettingsError) as error:
        check_name("en", name)
    assert error.value.setting == "name"


def test_versions():
    assert check_version("1.0.0-rc.1") == "1.0.0rc1"
    for version in ("", "1.0/..", "one", None, 1.0):
        with pytest.raises(spn.SettingsError):
            check_version(version)


def test_bad_settings_make_nothing(model, tmp_path):
    for settings in (
        {"name": "../escaped"},
        {"version": "../../1"},
        {"build": "zip"},
        {"requirements": ["not a requirement"]},
    ):
        with pytest.raises(spn.SettingsError):
            spn.package(model, tmp_path / "out", **settings)
    assert list(tmp_path.iterdir()) == []


def test_a_file_cannot_choose_what_pip_installs(tmp_path):
    data = blank(requirements=["evil @ https://example.com/evil.zip"])
    made = spn.package(data, tmp_path, requirements=["acme-nlp >=1.2"])
    assert made.left_out == ("evil @ https://example.com/evil.zip",)
    assert [r.partition(">")[0] for r in made.requirements] == [
        "spacy-pickled-ner",
        "spacy",
        "acme-nlp",
    ]
    assert "evil" not in (made.folder / "pyproject.toml").read_text(encoding="utf-8")


def test_what_a_file_says_stays_text(tmp_path):
    nasty = 'a"\n]\n[tool.x]\ny = """\\\x7f\u2028 ü'
    made = spn.package(blank(description=nasty, author=nasty, license=nasty, url=nasty), tmp_path)
    project = read_project(made)
    assert project["description"] == 'a" ] [tool.x] y = """\\ ü'
    assert project["authors"] == [{"name": project["description"]}]
    assert "urls" not in project


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("https://example.com/a?b=c&d=e", True),
        ("http://example.com", True),
        ("javascript:alert(1)", False),
        ("https://user:secret@example.com", False),
        ("https://example.com/ javascript:alert(1)", False),
    ],
)
def test_only_addresses_of_web_pages_are_kept(tmp_path, url, is_kept):
    data = blank(url=url, author="Ada", sources=[{"name": "Corpus", "url": url}])
    made = spn.package(data, tmp_path)
    project = read_project(made)
    assert project.get("urls") == ({"Homepage": url} if is_kept else None)
    readme = (made.folder / "README.md").read_text(encoding="utf-8")
    assert readme.count(url.replace("&", "&amp;")) == (2 if is_kept else 0)
    assert "Ada" in readme
    assert "Corpus" in readme


@pytest.mark.parametrize("meta", [{"author": 5}, {"sources": "x"}, {"description": "\ud800"}])
def test_unusable_meta(tmp_path, meta):
    with pytest.raises(spn.UnsafeFileError) as error:
        spn.package(blank(**meta), tmp_path / "out")
    assert error.value.code == "bad-meta"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("said", [None, "", "3", "@ https://example.com", 5])
def test_unusable_ranges_of_spacy(said):
    assert requirements.spacy_range(said).startswith(">=3.")
    assert requirements.spacy_range(">=3.7.0,<3.9.0") == ">=3.7.0,<3.9.0"


def test_a_damaged_file_makes_no_package(model, tmp_path):
    data = bytearray(model.read_bytes())
    data[-200] ^= 1
    with pytest.raises(spn.UnsafeFileError):
        spn.package(bytes(data), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_of_the_first_format(pipelines, tmp_path, importable):
    data = spn.dumps(pipelines("rulers"), format="seed")
    importable(spn.package(data, tmp_path, name="old").folder)
    nlp = importlib.import_module("en_old").load()
    assert [e.text for e in nlp(TEXTS[0]).ents] == ["Ada", "Acme", "Paris"]


def test_trust_is_decided_when_packaging(tmp_path, importable):
    @Language.component("deployment_shouting")
    def shout(doc):
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("deployment_shouting")
    data = spn.dumps(nlp)
    with pytest.raises(spn.UntrustedContentError) as error:
        spn.package(data, tmp_path / "out")
    assert error.value.names == ("factories:deployment_shouting",)
    importable(spn.package(data, tmp_path / "out", trusted=error.value.names).folder)
    module = importlib.import_module("en_pipeline")
    assert module.load().pipe_names == ["deployment_shouting"]


def test_trusted_names_bring_the_package_that_has_them(monkeypatch):
    def entry(name, project, version):
        dist = SimpleNamespace(name=project, version=version)
        return SimpleNamespace(name=name, dist=dist)

    groups = {
        "spacy_factories": [
            entry("acme", "acme-nlp", "1.2.3"),
            entry("de.umlaut", "umlaut", "2.0"),
        ],
        "spacy_loggers": [entry("spacy.WandbLogger.v5", "spacy-loggers", "1.0.5")],
        "spacy_pickled_ner_loaders": [entry("acme.v1", "acme-nlp", "1.2.3")],
    }
    monkeypatch.setattr(requirements, "entry_points", lambda group: groups.get(group, []))
    trusted = ["factories:acme", "loaders:acme.v1", "factories:umlaut", "factories:imported"]
    found = requirements.trusted_requirements([*trusted, "loggers:spacy.WandbLogger.v5", ""])
    assert found == ["acme-nlp>=1.2.3,<1.3.0", "umlaut>=2.0,<2.1.0"]


def test_replacing(model, tmp_path):
    first = spn.package(model, tmp_path, version="1")
    (first.folder / "extra").touch()
    with pytest.raises(spn.SaveError, match="already exists"):
        spn.package(model, tmp_path, version="1")
    spn.package(model, tmp_path, version="1", force=True)
    assert not (first.folder / "extra").exists()
    (tmp_path / "en_pipeline-2").mkdir()
    (tmp_path / "en_pipeline-2" / "letters").touch()
    with pytest.raises(spn.SaveError, match="other files"):
        spn.package(model, tmp_path, version="2", force=True)


def test_without_the_build_backend(model, tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    with pytest.raises(spn.MissingExtraError) as error:
        spn.package(model, tmp_path, build="wheel")
    assert error.value.extra == "package"
    spn.package(model, tmp_path)


def test_a_failing_build_leaves_nothing(model, tmp_path, monkeypatch):
    pytest.importorskip("hatchling")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setattr(packages.sys, "executable", "/bin/false")
    with pytest.raises(spn.SaveError, match="cannot build the wheel"):
        spn.package(model, tmp_path / "out", build="wheel")
    assert not (tmp_path / "out").exists()


def test_sdist_holds_everything_even_where_git_ignores_it(model, tmp_path):
    pytest.importorskip("hatchling")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.pkl\n*.json\n")
    made = spn.package(model, tmp_path, build="sdist")
    with tarfile.open(made.archive) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    inner = {f"en_pipeline/{name}" for name in ("__init__.py", "meta.json", "model.pkl")}
    assert inner | {"pyproject.toml", "README.md"} <= names


@pytest.mark.slow
def test_installed_in_a_fresh_environment(model, pipelines, tmp_path):
    """The wheel, installed by pip; spaCy finds it by name, shows it and loads it."""
    pytest.importorskip("hatchling")
    made = spn.package(model, tmp_path / "out", name="my_ner", version="1.2.0", build="wheel")
    with zipfile.ZipFile(made.archive) as archive:
        assert archive.read("en_my_ner/model.pkl") == model.read_bytes()
    venv.create(tmp_path / "env", with_pip=True, symlinks=os.name != "nt")
    python = next((tmp_path / "env").glob("[bS]*/python*"))
    # All that is installed here can be imported there, so that nothing is downloaded.
    site = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (Path(site) / "here.pth").write_text("\n".join(filter(None, map(os.path.abspath, sys.path))))

    def run(*args):
        ran = subprocess.run(
            [python, "-I", *args], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    run("-m", "pip", "install", "--no-deps", "--no-index", "--quiet", str(made.archive))
    script = f"""
import json, spacy, en_my_ner
nlp = spacy.load("en_my_ner", disable=["tagger"])
assert nlp.disabled == ["tagger"]
assert spacy.info("en_my_ner")["version"] == "1.2.0"
assert spacy.info()["pipelines"]["en_my_ner"] == "1.2.0"
assert en_my_ner.load().meta["name"] == "my_ner"
print(json.dumps([doc.to_json() for doc in en_my_ner.load().pipe({TEXTS!r})]))
"""
    expected = [doc.to_json() for doc in pipelines("full").pipe(TEXTS)]
    assert json.loads(run("-c", script)) == json.loads(json.dumps(expected))
    shown = run("-m", "spacy", "info", "en_my_ner")
    assert "1.2.0" in shown
    assert "my_ner" in shown
