"""A server that cannot be reached is found out in seconds, whatever the downloader would do."""

from __future__ import annotations

import socket
from dataclasses import replace
from threading import Event
from time import perf_counter

import huggingface_hub.constants
import pytest

from rnaexplore.errors import WeightsNotFoundError
from rnaexplore.models import get_spec
from rnaexplore.models.weights import network
from rnaexplore.models.weights.network import why_unreachable
from rnaexplore.models.weights.sources import find_weights


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch, tmp_path):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("RNAEXPLORE_MODELS", raising=False)


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_server_that_answers_is_reachable(listening) -> None:
    assert why_unreachable(f"http://127.0.0.1:{listening}/a/b") == ""


def test_a_refused_connection_is_told() -> None:
    assert "127.0.0.1 cannot be reached" in why_unreachable(f"https://127.0.0.1:{closed_port()}")


def test_a_proxy_is_asked_in_place_of_the_server(listening, monkeypatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listening}")
    assert why_unreachable("https://hub.invalid/model") == ""
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{closed_port()}")
    assert "127.0.0.1 cannot be reached" in why_unreachable("https://hub.invalid/model")


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch) -> None:
    answered = Event()

    def late(*_, **__):
        answered.wait(60)
        raise OSError

    monkeypatch.setattr(network, "PATIENCE", 0.2)
    monkeypatch.setattr(socket, "create_connection", late)
    start = perf_counter()
    assert "does not answer" in why_unreachable("https://hub.invalid")
    assert perf_counter() - start < 20
    answered.set()


@pytest.mark.parametrize("name", ["rnafm", "rinalmo-micro"])
def test_without_a_network_missing_weights_fail_at_once_and_say_what_to_do(
    name, monkeypatch
) -> None:
    """Neither downloader is called: one retries for half a minute, the other waits a minute."""
    gone = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", gone)
    monkeypatch.setattr(
        huggingface_hub, "hf_hub_download", lambda *_, **__: pytest.fail("the hub was asked")
    )
    weights = get_spec(name).weights
    if weights.url is not None:
        weights = replace(weights, url=f"{gone}/file")
    with pytest.raises(WeightsNotFoundError) as caught:
        find_weights(name, weights)
    message = str(caught.value)
    assert "cannot be reached" in message
    assert "With a network the same call downloads it. Otherwise get" in message
    assert "pass weights=PATH" in message


def test_weights_that_nobody_serves_promise_no_download() -> None:
    with pytest.raises(WeightsNotFoundError, match=r"\nGet .*from https://github\.com") as caught:
        find_weights("rnabert", get_spec("rnabert").weights)
    assert "With a network" not in str(caught.value)
