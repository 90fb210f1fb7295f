"""No change to a file goes unnoticed, and each is reported as what it is."""

from __future__ import annotations

import hashlib
import json
import pickle

import numpy as np
import pytest

from spacy_pickled_ner.container.file import assemble, read_model_data, read_sections
from spacy_pickled_ner.container.layout import FORMAT, frame
from spacy_pickled_ner.container.manifest import encode_manifest
from spacy_pickled_ner.container.sections import Section, array_section, json_section
from spacy_pickled_ner.container.source import read_source
from spacy_pickled_ner.errors import ModelFileError, UnsafeFileError
from spacy_pickled_ner.model_file import (
    PipelineHandle,
    dumps,
    get_untrusted,
    inspect,
    load,
    loads,
    verify,
)

from ..attacks.editing import rebuilt

SECTIONS = [
    json_section("meta.json", {"lang": "xx"}),
    Section("empty", b""),
    array_section("table", np.arange(6, dtype="f").reshape(2, 3)),
    array_section("no rows", np.zeros((0, 3), dtype=">f4")),
]


def small_file(sections=SECTIONS, manifest=None) -> bytes:
    return b"".join(assemble(manifest or encode_manifest(sections, {}), sections))


def read(data: bytes):
    return read_sections(read_model_data(read_source(data)))[1]


def code_of(data: bytes) -> str:
    with pytest.raises(ModelFileError) as error:
        read(data)
    return error.value.code


def test_reads_what_was_written():
    sections = read(small_file())
    assert sections.json("meta.json") == {"lang": "xx"}
    assert bytes(sections["empty"]) == b""
    assert sections.array("table").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert sections.array("no rows").shape == (0, 3)
    assert list(sections) == ["meta.json", "empty", "table", "no rows"]
    assert len(sections) == 4


def test_every_value_starts_on_a_multiple_of_64():
    data = small_file()
    for name, value in pickle.loads(data).items():
        if name == "manifest" or name in [s.name for s in SECTIONS if s.data]:
            assert data.index(value) % 64 == 0, name


@pytest.mark.parametrize("length", range(1, 140))
def test_alignment_for_names_of_any_length(length):
    position = 0
    for glue, size in frame(b"{}", bytes(32), [("n" * length, 1), ("m" * length, 2)]):
        position += len(glue)
        assert size == 0 or position % 64 == 0
        position += size


def test_no_bit_flip_goes_unnoticed():
    data = bytearray(small_file())
    codes = set()
    for position in range(len(data)):
        for bit in range(8):
            data[position] ^= 1 << bit
            codes.add(code_of(bytes(data)))
            data[position] ^= 1 << bit
    assert {"digest-mismatch", "not-canonical", "not-a-pickle", "truncated"} < codes


def test_no_truncation_goes_unnoticed():
    data = small_file()
    for end in range(len(data)):
        assert code_of(data[:end]) in ("truncated", "not-a-pickle", "empty"), end


def test_same_content_in_another_encoding_is_refused():
    content = pickle.loads(small_file())
    assert code_of(pickle.dumps(content, 4)) == "not-canonical"


def edited_manifest(**changes) -> bytes:
    manifest = json.loads(encode_manifest(SECTIONS, {}))
    entry = manifest["sections"][2]
    for key, value in changes.items():
        (manifest if key in manifest else entry)[key] = value
    return json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()


BAD_MANIFESTS = {
    "other format": edited_manifest(format="pickle.v999"),
    "sections missing": edited_manifest(sections=[]),
    "sections of another type": edited_manifest(sections=5),
    "versions of another type": edited_manifest(versions={"spacy": 3}),
    "wrong size": edited_manifest(size=20),
    "negative size": edited_manifest(size=-1),
    "boolean size": edited_manifest(size=True),
    "no name": edited_manifest(name=""),
    "reserved name": edited_manifest(name="manifest"),
    "unprintable name": edited_manifest(name="a\0b"),
    "other name": edited_manifest(name="chair"),
    "same name twice": edited_manifest(name="empty"),
    "no digest": edited_manifest(sha256=""),
    "object array": edited_manifest(dtype="|O"),
    "other shape": edited_manifest(shape=[3, 3]),
    "negative shape": edited_manifest(shape=[-2, -3]),
    "billion empty rows": edited_manifest(shape=[10**9, 0]),
    "many dimensions": edited_manifest(shape=[1, 1, 1, 2, 3]),
    "unknown field": edited_manifest(path="/etc"),
    "spaces": edited_manifest() + b" ",
    "not an object": b"[]",
}


@pytest.mark.parametrize("name", BAD_MANIFESTS)
def test_bad_manifest(name):
    assert code_of(small_file(manifest=BAD_MANIFESTS[name])) == "bad-manifest"


@pytest.mark.parametrize(
    "manifest",
    [b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 10**5, b"\xff"],
    ids=["broken", "duplicate key", "NaN", "deep", "not UTF-8"],
)
def test_manifest_that_is_not_json(manifest):
    assert code_of(small_file(manifest=manifest)) == "bad-json"


def test_swapped_digests():
    manifest = json.loads(encode_manifest(SECTIONS, {}))
    first, second = manifest["sections"][:2]
    first["sha256"], second["sha256"] = second["sha256"], first["sha256"]
    raw = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    assert code_of(small_file(manifest=raw)) == "digest-mismatch"


def test_manifest_missing():
    data = pickle.dumps({"format": FORMAT}, 4)
    with pytest.raises(UnsafeFileError) as error:
        loads(data)
    assert error.value.code == "bad-manifest"


def test_rebuilding_changes_nothing(nlp):
    assert rebuilt(dumps(nlp)) == dumps(nlp)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"meta.json": b"[]"}, "bad-meta"),
        ({"meta.json": b'{"labels":[]}'}, "bad-meta"),
        ({"meta.json": b'{"vectors":null}'}, "bad-meta"),
        ({"meta.json": b"{"}, "bad-json"),
        ({"config.json": b"[]"}, "bad-config"),
        ({"config.json": b"{}"}, "bad-config"),
        ({"config.json": b'{"nlp":5,"components":[]}'}, "bad-config"),
        ({"config.json": b'{"nlp":{"lang":["en"],"pipeline":["x"]}}'}, "bad-config"),
        ({"config.json": None}, "missing-section"),
        ({"pipe/ner/state": None}, "missing-section"),
        ({"pipe/ner/state": b""}, "bad-msgpack"),
        ({"pipe/ner/model.json": b"[]"}, "model-mismatch"),
        ({"pipe/ner/model.json": b"{}"}, "model-mismatch"),
        ({"pipe/ner/model.json": None}, "missing-section"),
        ({"tokenizer": b"\xc1"}, "bad-msgpack"),
        ({"vocab/strings": b"short"}, "bad-vocab"),
        ({"vocab/vectors.json": b"[]"}, "bad-vocab"),
        ({"vocab/vectors.json": b'{"mode":"floret"}'}, "bad-vocab"),
        ({"vocab/vectors/rows": b"\xff" * 28}, "bad-vocab"),
        ({"vocab/vectors/keys": None}, "missing-section"),
        ({"vocab/lookups": b"\xc1"}, "bad-msgpack"),
    ],
    ids=str,
)
def test_sections_that_do_not_fit(nlp, changes, code):
    data = rebuilt(dumps(nlp), **changes)
    with pytest.raises(ModelFileError) as error:
        loads(data)
    assert error.value.code == code
    if code in ("bad-meta", "bad-config"):
        with pytest.raises(ModelFileError) as error:
            inspect(data)
        assert error.value.code == code


def test_parameter_of_another_shape(nlp):
    data = dumps(nlp)
    content = pickle.loads(data)
    name = next(n for n in content if n.startswith("pipe/ner/model/") and n.endswith("/W"))
    manifest = json.loads(content["manifest"])
    for info in manifest["sections"]:
        if info["name"] == name:
            info["shape"] = info["shape"][::-1]
    sections = [
        Section(s["name"], content[s["name"]], s.get("dtype"), s.get("shape") and tuple(s["shape"]))
        for s in manifest["sections"]
    ]
    with pytest.raises(ModelFileError, match="has another shape") as error:
        loads(small_file(sections))
    assert error.value.code == "model-mismatch"


@pytest.mark.parametrize(
    "edit",
    [
        lambda node: node["dims"].update(nO=10**6),
        lambda node: node["dims"].update(nO=-1),
        lambda node: node["dims"].update(other=1),
        lambda node: node["refs"].update(tok2vec=10**6),
        lambda node: node["params"].update(W2=True),
        lambda node: node.update(shims=1),
        lambda node: node.update(attrs=[]),
        lambda node: node.update(packed=["missing"]),
        lambda node: node.pop("name"),
    ],
)
def test_structure_that_does_not_fit(nlp, edit):
    data = dumps(nlp)
    structure = json.loads(pickle.loads(data)["pipe/ner/model.json"])
    edit(next(node for node in structure if node["name"] == "linear"))
    raw = json.dumps(structure).encode()
    with pytest.raises(ModelFileError) as error:
        loads(rebuilt(data, **{"pipe/ner/model.json": raw}))
    assert error.value.code in ("model-mismatch", "missing-section")


def test_digests_are_of_the_payload(nlp):
    content = pickle.loads(dumps(nlp))
    for info in json.loads(content["manifest"])["sections"]:
        assert info["sha256"] == hashlib.sha256(content[info["name"]]).hexdigest()
        assert info["size"] == len(content[info["name"]])
    assert content["manifest_sha256"] == hashlib.sha256(content["manifest"]).digest()


SECRET = b"a secret of many bytes"
WRONG = {
    "empty": (b"", "empty"),
    "other": (b"abc", "not-a-pickle"),
    "cut": (small_file()[:100], "truncated"),
    "list": (pickle.dumps([], protocol=4), "unknown-format"),
    "keys": (pickle.dumps({"a": 1}, protocol=4), "unknown-format"),
    "manifest": (pickle.dumps({"format": FORMAT}, protocol=4), "bad-manifest"),
}


def checked(use, file, *, code, shown):
    with pytest.raises(ModelFileError) as error:
        use(file)
    assert error.value.code == code
    assert error.value.file == shown
    assert str(error.value) == f"{shown}: {error.value.reason}"
    assert shown not in error.value.reason


@pytest.mark.parametrize("kind", WRONG)
def test_every_error_names_the_file_once(tmp_path, kind):
    data, code = WRONG[kind]
    path = tmp_path / "some.pkl"
    path.write_bytes(data)
    uses = (load, verify, inspect, get_untrusted, lambda file: PipelineHandle(file).nlp)
    for use in uses:
        checked(use, path, code=code, shown=str(path))
    with path.open("rb") as file:
        checked(load, file, code=code, shown=str(path))
    path.rename(tmp_path / "model.pkl")
    checked(load, tmp_path, code=code, shown=str(tmp_path / "model.pkl"))
    with pytest.raises(ModelFileError) as error:
        loads(data)
    assert error.value.file is None
    assert str(error.value) == error.value.reason


def test_errors_about_contents_and_signatures_name_the_file(nlp, tmp_path):
    path = tmp_path / "some.pkl"
    path.write_bytes(dumps(nlp))
    checked(lambda f: verify(f, require_signature=SECRET), path, code="not-signed", shown=str(path))
    path.write_bytes(dumps(nlp, sign=b"another secret of many bytes"))
    signed = {"code": "wrong-signature", "shown": str(path)}
    checked(lambda file: load(file, require_signature=SECRET), path, **signed)
    with pytest.raises(ModelFileError) as error:
        load(tmp_path / "nothing.pkl")
    assert str(error.value) == f"there is no file {tmp_path / 'nothing.pkl'}"
    assert error.value.file == str(tmp_path / "nothing.pkl")
