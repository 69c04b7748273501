"""Secrets are blanked, whatever form a service echoes them in."""

import json
import pickle
from base64 import b64encode, urlsafe_b64encode
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqsq import redaction
from sqsq.engines import TemporaryError
from sqsq.errors import BackendError, SqsqError
from sqsq.redaction import remember_secret, without_secrets

KEY = 'an+API/key"with<odd>&letters=='
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3NjQwNzM2MDB9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(redaction, "_in_use", set())


@pytest.mark.parametrize(
    "form",
    [
        str,
        str.upper,
        lambda key: quote(key, safe=""),
        quote_plus,
        lambda key: json.dumps({"echo": key}),
        escape,
        lambda key: key.encode().hex(),
        *(
            lambda key, before=before, encode=encode: encode(before + key.encode() + b":after").decode()
            for before in (b"", b"u", b"us", b"user:", b"longer")
            for encode in (b64encode, urlsafe_b64encode)
        ),
    ],
)
def test_a_key_in_any_form(form):
    remember_secret(KEY)
    said = without_secrets(f"before ({form(KEY)}) after")
    assert "***" in said
    assert said.startswith("before (")
    assert said.endswith(") after")
    assert "API" not in said.upper().replace("***", "")
    assert form(KEY)[4:-12] not in said


def test_the_key_of_the_environment_need_not_be_remembered(monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "from-the-environment")
    assert without_secrets("from-the-environment!") == "***!"


def test_every_key_that_was_used_stays_secret():
    remember_secret("first-key")
    remember_secret("first-key-and-more")
    assert without_secrets("first-key-and-more, first-key") == "***, ***"


@pytest.mark.parametrize(
    ("echo", "blanked"),
    [
        (f"token {JWT} expired", "token *** expired"),
        (f"cut off: {JWT[:40]}", "cut off: ***"),
        ("Authorization: Bearer opaque-token, refused", "Authorization: Bearer *** refused"),
        ("authorization: bearer x.y.z", "authorization: bearer ***"),
        ("Authorization: apikey 0123456789abcdefghij", "Authorization: apikey ***"),
        ('{"access_token": "opaque", "n": 1}', '{"access_token": "***", "n": 1}'),
        ("grant_type=apikey&apikey=qwertz&x=1", "grant_type=apikey&apikey=***&x=1"),
        (r"{\"refresh_token\":\"opaque\"}", r"{\"refresh_token\":\"***\"}"),
    ],
)
def test_access_tokens(echo, blanked):
    assert without_secrets(echo) == blanked
    assert without_secrets(blanked) == blanked


@pytest.mark.parametrize("text", ["the api key is expired", "qubits 3, 4", "layerJob", "", "no instance"])
def test_ordinary_words_stay(text):
    remember_secret("")
    assert without_secrets(text) == text


@given(st.text(min_size=4), st.text(), st.text())
def test_whatever_the_key_is(key, before, after):
    remember_secret(key)
    assert key not in without_secrets(before + key + after).replace("***", "\0")


def test_no_error_holds_a_secret():
    remember_secret("the-secret-key")
    for error in (
        SqsqError("a the-secret-key b"),
        TemporaryError("a the-secret-key b", may_have_arrived=True),
    ):
        assert str(error) == "a *** b"
        assert "secret" not in repr(error)
    assert str(pickle.loads(pickle.dumps(BackendError("a the-secret-key b")))) == "a *** b"
