"""The native half of the package: private, and free to change with it."""

from datetime import datetime, timedelta
from typing import Any, NoReturn, final

__all__ = [
    "Operation",
    "Queue",
    "Reply",
    "RunningCall",
    "Session",
    "Token",
    "__version__",
    "error_table",
    "live_handles",
]

__version__: str

def live_handles() -> int: ...
def error_table() -> list[tuple[int, str, bool, str]]: ...

@final
class Operation:
    @staticmethod
    def get_users(page_number: int, page_size: int) -> Operation: ...
    @staticmethod
    def get_user(user_id: str) -> Operation: ...
    @staticmethod
    def exchange_api_key_for_token(user_id: str) -> Operation: ...
    @staticmethod
    def request(
        method: str,
        path: str,
        query: list[tuple[str, str]],
        json: bytes | None,
        headers: list[tuple[str, str]],
    ) -> Operation: ...

@final
class Token:
    @property
    def token(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    def __copy__(self) -> Token: ...
    def __deepcopy__(self, _memo: Any, /) -> Token: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Reply:
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> list[tuple[str, bytes]]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def next_page(self) -> int | None: ...
    @property
    def attempts(self) -> int: ...
    def json(self) -> Any: ...
    def token(self) -> Token: ...

@final
class RunningCall:
    def cancel(self) -> None: ...

@final
class Queue:
    def __new__(cls, watched: bool) -> Queue: ...
    def fileno(self) -> int: ...
    def wait(self) -> bool: ...
    def drain(self) -> list[tuple[int, Reply | None, BaseException | None]]: ...
    def close(self) -> None: ...

@final
class Session:
    def __new__(
        cls,
        *,
        runtime: str,
        tenant_id: str | None = None,
        api_key: str | None = None,
        secondary_api_key: str | None = None,
        base_url: str | None = None,
        users_path: str | None = None,
        app_name: str | None = None,
        allow_insecure_http: bool | None = None,
        connect_timeout: float | timedelta | None = None,
        timeout: float | timedelta | None = None,
        deadline: float | timedelta | None = None,
    ) -> Session: ...
    @property
    def tenant_url(self) -> str: ...
    def call(self, operation: Operation) -> Reply: ...
    def start(self, operation: Operation, queue: Queue, id: int) -> RunningCall: ...
    def close(self) -> None: ...
