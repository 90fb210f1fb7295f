"""`verify`: is a file whole, and who signed it."""

from __future__ import annotations

import json
from pathlib import Path

import spacy

import spacy_pickled_ner as spn

from .conftest import Run


def test_a_whole_file(run: Run) -> None:
    ran = run("verify", "base.pkl")
    assert ran.code == 0
    assert "is undamaged" in ran.output
    assert "Not signed" in ran.output
    assert "Names that need trust: none" in ran.output


def test_damage_names_the_section(run: Run) -> None:
    data = bytearray(Path("base.pkl").read_bytes())
    config = data.find(b'"nlp":{')
    data[config + 1] ^= 1
    Path("base.pkl").write_bytes(data)
    ran = run("verify", "base.pkl")
    assert ran.code == 1
    assert "'config.json' does not match its digest" in ran.output


def test_damage_as_json(run: Run) -> None:
    data = bytearray(Path("base.pkl").read_bytes())
    data[data.find(b'"nlp":{') + 1] ^= 1
    Path("base.pkl").write_bytes(data)
    ran = run("verify", "base.pkl", "--json")
    assert ran.code == 1
    said = json.loads(ran.raw)
    assert (said["file"], said["code"]) == ("base.pkl", "digest-mismatch")
    assert "'config.json' does not match" in said["error"]
    assert said["offset"] is None
    Path("cut.pkl").write_bytes(data[:100])
    said = json.loads(run("verify", "cut.pkl", "--json").raw)
    assert (said["code"], said["file"]) == ("truncated", "cut.pkl")
    assert isinstance(said["offset"], int)


def test_other_files(run: Run) -> None:
    for name in ("train.jsonl", "base", "nothing.pkl"):
        assert run("verify", name).code == 1


def test_the_first_format_has_no_digests(run: Run) -> None:
    spn.dump(spacy.blank("en"), "seed.pkl", format="seed")
    ran = run("verify", "seed.pkl")
    assert ran.code == 0
    assert "no digests" in ran.output


def test_signatures(run: Run) -> None:
    Path("key").write_bytes(b"0123456789abcdef")
    Path("other").write_bytes(b"another secret of enough bytes")
    assert run("pack", "base", "signed.pkl", "--sign", "key").code == 0
    assert "use --key to check by whom" in run("verify", "signed.pkl").output
    ran = run("verify", "signed.pkl", "--key", "key")
    assert ran.code == 0
    assert "Signed with this key (hmac-sha256)" in ran.output
    assert run("verify", "signed.pkl", "--key", "other").code == 1
    assert run("verify", "base.pkl", "--key", "key").code == 1
    assert run("unpack", "signed.pkl", "a", "--key", "other").code == 1
    assert run("unpack", "signed.pkl", "a", "--key", "key").code == 0


def test_keys_that_are_none(run: Run) -> None:
    Path("short").write_bytes(b"1")
    Path("huge").write_bytes(bytes(10**5))
    for key in ("short", "huge", "nothing", "base"):
        ran = run("pack", "base", "signed.pkl", "--sign", key)
        assert ran.code == 1
        assert "sign=" in ran.output
        assert "Errno" not in ran.output
        assert not Path("signed.pkl").exists()


def test_json(run: Run) -> None:
    ran = run("verify", "base.pkl", "--json")
    assert json.loads(ran.raw) == spn.verify("base.pkl")


def test_what_a_key_file_holds_can_be_said(run: Run) -> None:
    # In hex, the y of the base point: 32 bytes that could be a public key.
    Path("key").write_text("58" + "66" * 31, encoding="ascii")
    ran = run("pack", "base", "signed.pkl", "--sign", "key")
    assert ran.code == 1
    assert "hmac-sha256:FILE" in ran.output
    assert run("pack", "base", "signed.pkl", "--sign", "hmac-sha256:key").code == 0
    assert run("verify", "signed.pkl", "--key", "key").code == 1
    assert run("verify", "signed.pkl", "--key", "hmac-sha256:key").code == 0
    ran = run("verify", "signed.pkl", "--key", "ed25519:key")
    assert "for ed25519" in ran.output
    assert run("unpack", "signed.pkl", "a", "--key", "hmac-sha256:key").code == 0
    assert "cannot be read" in run("verify", "signed.pkl", "--key", "ed25519:none").output
