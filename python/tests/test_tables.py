"""What the core lists, every setting and every method, against what both clients have."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from agglestone import AsyncClient, AsyncUserClient, Client, ConfigurationError, UserClient, _native

SETTINGS, METHODS = (json.loads(table) for table in _native.tables())
CLIENTS: list[type] = [Client, AsyncClient]
USERS: list[type] = [UserClient, AsyncUserClient]

ANNOTATIONS = {
    "text": "str | None",
    "secret": "str | None",
    "path": "Path | None",
    "flag": "bool | None",
    "span": "Seconds | None",
    "number": "int | None",
    "keySource": "KeySource | None",
}


def keywords(function: Any) -> dict[str, tuple[str, Any]]:
    """A function's keyword arguments, their annotations and defaults."""
    parameters = inspect.signature(function).parameters.values()
    return {
        parameter.name: (parameter.annotation, parameter.default)
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY
    }


@pytest.mark.parametrize("client", CLIENTS)
def test_every_setting_is_a_keyword_argument(client: type) -> None:
    expected = {setting["name"]: (ANNOTATIONS[setting["kind"]], None) for setting in SETTINGS}
    assert keywords(client) == expected


@pytest.mark.parametrize("client", CLIENTS)
def test_every_setting_of_a_call_is_an_option(client: Any) -> None:
    expected = {
        setting["name"]: (ANNOTATIONS[setting["kind"]], None) for setting in SETTINGS if setting["perCall"]
    }
    assert keywords(client.with_options) == expected


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting["name"])
def test_every_setting_is_passed_on_and_documented(setting: dict[str, Any]) -> None:
    # Of no type that any setting takes, so the native half says that it came.
    given: dict[str, Any] = {setting["name"]: [7]}
    with pytest.raises(ConfigurationError) as caught:
        Client(**given)
    refused = [name for name, reason in caught.value.problems if "not list" in reason]
    assert refused == [setting["name"]]
    documented = inspect.getdoc(Client.__init__) or ""
    assert f"``{setting['name']}``" in documented
    assert setting["variable"] is None or f"``{setting['variable']}``" in documented


@pytest.mark.parametrize("client", CLIENTS + USERS)
def test_every_method_is_there_with_its_arguments(client: type) -> None:
    for method in METHODS:
        if client in USERS and not method["asUser"]:
            continue
        name = "aclose" if client is AsyncClient and method["name"] == "close" else method["name"]
        parameters = [*inspect.signature(getattr(client, name)).parameters]
        assert sorted(parameters) == sorted(["self", *method["arguments"]]), name
        waits = client in (AsyncClient, AsyncUserClient) and method["asks"] and name != "iter_users"
        assert inspect.iscoroutinefunction(getattr(client, name)) == (waits or name == "aclose"), name
