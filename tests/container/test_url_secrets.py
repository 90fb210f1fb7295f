"""No message shows a secret of a URL, wherever in the URL it stands."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner.container.urls.url_secrets import shown_error, shown_url

PLAIN = [
    "https://host/f",
    "https://example.com:8080/a/model.pkl",
    "https://host/a%20b/model.pkl",
    "https://host/npm/pkg@1.0/model.pkl",
    "https://host/npm/pkg@1.2.3-rc.1/model.pkl",
    "s3://bucket/a/model.pkl",
    "gs://bucket/model@v2/model.pkl",
    "memory://models/a.pkl",
    "hf://user/repo@rev/model.pkl",
    "hf://datasets/user/repo@main/a/model.pkl",
    "abfs://container@account.dfs.core.windows.net/f",
    "simplecache::https://host/f",
    "zip://m.pkl::simplecache::s3://bucket/a.zip",
    "zip://m.pkl::/tmp/a@b.zip",
    "file:///tmp/a@b/model.pkl",
    "local:///tmp/model?.pkl",
]
SHOWN = {
    "https://user:pw@host/f": "https://host/f",
    "https://user:p@ss@host/f": "https://host/f",
    "https://user:p%40ss@host:80/f": "https://host:80/f",
    "https://token@host/f": "https://host/f",
    "HTTPS://user:pw@host/f": "HTTPS://host/f",
    "https://host/f?X-Amz-Signature=1#x": "https://host/f",
    "hf://user:token@host/f": "hf://host/f",
    "https://host/f;jsessionid=1": "https://host/f",
    "simplecache::https://user:pw@host/f": "simplecache::https://host/f",
    "zip://m.pkl::http://u:p@h/a.zip?k=1": "zip://m.pkl::http://h/a.zip",
}
HIDDEN = [
    "https://user:pa/ss@host/f",
    "https://user:pa?ss@host/f",
    "https://user:pa#ss@host/f",
    "https://user:pa;ss@host/f",
    "https://user:12/34@host/f",
    "https://user:pa::ss@host/f",
    "https://user:pa::/ss@host/f",
    "https://tok/en@host/f",
    "https://tok/en@10.0.0.1/f",
    "https://tok/en@example.com:80/f",
    "https://to/k@1.0/en@host/f",
    "https://tok::s3://en@host/f",
    "https://tok::en",
    "https://host/f?sig=a@b",
    "https://user%3Apw%40host/f",
    "https://tok/en%40host/f",
    "https://tok/en%2540host/f",
    "https://host/f%3Fsig=1",
    "https://ho\nst/f",
    "s3://key:se/cret@bucket/f",
    "simplecache::https://tok/en@host/f",
    "abfs://Key+/=@account.dfs.core.windows.net/f",
]


@pytest.mark.parametrize("url", PLAIN)
def test_plain_urls_are_shown(url):
    assert shown_url(url) == url


@pytest.mark.parametrize("url", SHOWN)
def test_secrets_are_cut_out(url):
    assert shown_url(url) == SHOWN[url]


@pytest.mark.parametrize("url", HIDDEN)
def test_only_the_scheme_of_unclear_urls_is_shown(url):
    assert shown_url(url) == url.split(":")[0] + "://…"


@pytest.mark.parametrize(
    "path", ["model.pkl", "/a/b?c#d@e", "en_core_web_sm", "a:b", "", "./x://y"]
)
def test_paths_are_shown(path):
    assert shown_url(path) == path


# Letters that make a password recognisable, and all that has a meaning somewhere in a URL.
PASSWORDS = st.text("abXY12@:/?#;&=%.+-_[]\\ \"'é\n", min_size=4, max_size=24)
SEEN = "Zq7Wv"  # what must not be seen


@given(PASSWORDS, PASSWORDS, st.sampled_from(["{}", "user:{}", "{}:x", "{0}:{0}"]), st.booleans())
def test_no_password_is_shown(before, after, user, encoded):
    password = before + SEEN + after
    if encoded:
        password = quote(password, safe="")
    for host in ("host", "example.com:8080", "10.0.0.1", "bucket"):
        for form in ("https://{}@{}/f/model.pkl", "s3://{}@{}/f", "simplecache::ftp://{}@{}/f"):
            url = form.format(user.format(password), host)
            assert SEEN not in shown_url(url)
            for text in (
                f"Cannot connect to {url}",
                f"no route to {url.partition('://')[2]}",
                f"401 for {password!r}",
                f"401 for {quote(password)}",
                *re.split(r"[\W_]+", password.lower()),
            ):
                assert SEEN.lower() not in shown_error(OSError(text), url).lower()


@given(PASSWORDS, st.sampled_from(["?sig={}", "?a=b&X-Amz-Signature={}#x", "#{}", ";s={}"]))
def test_no_signature_is_shown(value, query):
    url = "https://host/f/model.pkl" + query.format(value + SEEN)
    assert SEEN not in shown_url(url)
    assert SEEN not in shown_error(OSError(f"Forbidden: {url}"), url)
    for word in re.split(r"[\W_]+", value + SEEN):
        assert SEEN not in shown_error(OSError(f"bad signature {word}"), url)


def test_an_error_without_secrets_is_shown():
    assert shown_error(OSError("timed out"), "https://user:secret@host/f") == "timed out"
    assert shown_error(OSError("no bucket abc"), "s3://bucket/f") == "no bucket abc"
    assert shown_error(OSError(""), "s3://bucket/f") == "OSError"
    assert shown_error(OSError("a\nb"), "s3://bucket/f") == "OSError"


def test_an_error_about_another_url_is_shown_without_its_signature():
    err = OSError("403, url='https://cdn.example.com/f?Signature=abc'")
    assert shown_error(err, "hf://user/repo/f") == "403, url='https://cdn.example.com/f'"


@pytest.mark.parametrize("text", ["dXNlcjpzZWNyZXQ=", "the user is none", "SECRET", "s%65cret"])
def test_other_spellings_of_a_secret(text):
    assert shown_error(OSError(text), "https://user:secret@host/f") == "OSError"
