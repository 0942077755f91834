"""What users import: complete, typed, documented, and the same for both clients."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest
from conftest import Emulator

import agglestone
from agglestone import AsyncClient, AsyncUserClient, Client, UserClient, _native

SENDS_NOTHING = {
    "as_user",
    "forget_token",
    "forget_tokens",
    "iter_users",
    "key_usage",
    "set_api_keys",
    "token_stats",
    "with_options",
}
"""Plain functions in both clients."""
ONLY_SYNC = {"close", "__enter__", "__exit__"}
ONLY_ASYNC = {"aclose", "__aenter__", "__aexit__"}


def methods(client: type) -> set[str]:
    return {
        name
        for name, value in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_") or name in ONLY_SYNC | ONLY_ASYNC
    }


def test_both_clients_have_the_same_methods_with_the_same_signatures() -> None:
    assert methods(Client) - methods(AsyncClient) == ONLY_SYNC
    assert methods(AsyncClient) - methods(Client) == ONLY_ASYNC
    for name in methods(Client) - ONLY_SYNC | {"__init__"}:
        ours, theirs = inspect.signature(getattr(Client, name)), inspect.signature(getattr(AsyncClient, name))
        assert ours.parameters == theirs.parameters, name
        differing = {
            "iter_users": ("Iterator[User]", "AsyncIterator[User]"),
            "as_user": ("UserClient", "AsyncUserClient"),
        }
        same = (ours.return_annotation, ours.return_annotation)
        assert (ours.return_annotation, theirs.return_annotation) == differing.get(name, same), name


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_a_wrong_call_is_answered_with_the_name_of_the_public_class(client: Any, emulator: Emulator) -> None:
    assert emulator.url
    wrong: list[tuple[str, Any]] = [
        ("__init__() got an unexpected keyword argument 'tennant_id'", lambda: client(tennant_id="t")),
        ("__init__() takes 1 positional argument but 2 were given", lambda: client("t")),
        ("with_options() got an unexpected", lambda: client().with_options(retries=1)),
        ("set_api_keys() missing 1 required positional argument", lambda: client().set_api_keys()),
        ("get_user() missing 1 required positional argument", lambda: client().get_user()),
        ("get_users() got an unexpected", lambda: client().get_users(size=1)),
        ("iter_users() got an unexpected", lambda: client().iter_users(size=1)),
        ("get() missing 1 required positional argument", lambda: client().get()),
    ]
    for text, call in wrong:
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value).startswith(f"{client.__name__}.{text}")
    user: Any = client().as_user("u")
    with pytest.raises(TypeError, match=rf"^{type(user).__name__}\.get_user\(\) missing"):
        user.get_user()
    assert "_base" not in repr(inspect.signature(client)) and inspect.getdoc(client.get_user)


def test_both_views_of_a_user_have_what_a_user_can_do() -> None:
    calls = {"get_users", "get_user", "iter_users", "request", "get", "post", "put", "patch", "delete"}
    assert methods(UserClient) == methods(AsyncUserClient) == calls


def test_every_method_of_the_asyncio_client_that_sends_something_is_a_coroutine_function() -> None:
    for name in methods(AsyncClient):
        assert inspect.iscoroutinefunction(getattr(AsyncClient, name)) == (name not in SENDS_NOTHING), name


def test_every_operation_of_the_core_has_a_method() -> None:
    operations = {name for name in dir(_native.Operation) if not name.startswith("_")}
    # One is `fresh=True` of the other exchange, one is the next page of `iter_users`, one is for spans, one for tests.
    inner = {"exchange_api_key_for_fresh_token", "get_users_after", "observed", "testing_panic"}
    assert operations - methods(Client) == inner


def test_everything_public_is_there_and_documented() -> None:
    for name in agglestone.__all__:
        value = getattr(agglestone, name)
        assert name in dir(agglestone)
        assert inspect.getdoc(value), name
    for client in (Client, AsyncClient, UserClient, AsyncUserClient):
        for name in methods(client) - {"__enter__", "__exit__", "__aenter__", "__aexit__"}:
            assert inspect.getdoc(getattr(client, name)), name
    with pytest.raises(AttributeError, match="no attribute 'Cleint'"):
        agglestone.Cleint  # noqa: B018


def test_type_hints_can_be_read_at_run_time() -> None:
    for client in (Client, AsyncClient, UserClient, AsyncUserClient):
        for name in methods(client) | {"__init__"}:
            typing.get_type_hints(getattr(client, name))
    assert typing.get_type_hints(agglestone.UsersPage)["data"] == list[agglestone.User]


def test_the_package_is_marked_as_typed() -> None:
    folder = Path(inspect.getfile(agglestone)).parent
    assert (folder / "py.typed").is_file() and (folder / "_native.pyi").is_file()


def test_the_version_is_the_cores() -> None:
    from importlib.metadata import version

    assert agglestone.__version__ == version("agglestone")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads the Linux way")
def test_importing_and_making_clients_starts_no_thread_and_imports_no_asyncio() -> None:
    program = """
import os, sys
import agglestone
settings = {"tenant_id": "t", "api_key": "k", "timeout": 2.5}
client = agglestone.Client(**settings)
assert "asyncio" not in sys.modules and "typing" not in sys.modules, sorted(sys.modules)
other = agglestone.AsyncClient(**settings)
print(len(os.listdir("/proc/self/task")), agglestone._native.live_handles())
"""
    # Without site-packages' own start-up files, which import what they like.
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({site()!r})\n{program}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "1 2\n"), ended.stderr


def site() -> str:
    return str(Path(inspect.getfile(agglestone)).parents[1])


def test_the_examples_in_the_documentation_run(emulator: Emulator) -> None:
    assert emulator.url
    with Client() as client:
        sync_names = {"client": client}
        for module in ("agglestone", "agglestone._base", "agglestone._calls", "agglestone._client"):
            for example in doctest.DocTestFinder().find(sys.modules[module], extraglobs=sync_names):
                runner = doctest.DocTestRunner()
                runner.run(example)
                assert runner.failures == 0, example.name


def test_the_asyncio_examples_in_the_documentation_run(emulator: Emulator) -> None:
    import ast
    import asyncio

    assert emulator.url
    names: dict[str, Any] = {}
    loop = asyncio.new_event_loop()

    def run(source: str, name: str) -> Any:
        """Runs an example as Python's asyncio prompt does: with `await` at its top."""
        tree = ast.parse(source)
        if isinstance(tree.body[-1], ast.Expr):
            tree.body[-1] = ast.Assign([ast.Name("_", ast.Store())], tree.body[-1].value)
        code = compile(ast.fix_missing_locations(tree), name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        names["_"] = None
        result = eval(code, names)
        if inspect.iscoroutine(result):
            loop.run_until_complete(result)
        return names["_"]

    ran = 0
    finder = doctest.DocTestFinder()
    modules = sys.modules["agglestone._async_calls"], sys.modules["agglestone._async_client"]
    for found in (found for module in modules for found in finder.find(module)):
        names["client"] = client = AsyncClient()
        for example in found.examples:
            value = run(example.source, found.name)
            assert ("" if value is None else repr(value) + "\n") == example.want, (found.name, example.source)
            ran += 1
        loop.run_until_complete(client.aclose())
    loop.close()
    assert ran > 10
