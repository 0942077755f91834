"""What both clients are made from."""

from __future__ import annotations

import sys

from ._native import Session
from ._typing import NoReturn, Seconds

RUNTIME = "python/{}.{}.{}".format(*sys.version_info)


class BaseClient:
    """Holds the session. What a client shows of itself is its tenant's URL and nothing else."""

    def __init__(
        self,
        *,
        tenant_id: str | None = None,
        api_key: str | None = None,
        secondary_api_key: str | None = None,
        base_url: str | None = None,
        users_path: str | None = None,
        app_name: str | None = None,
        allow_insecure_http: bool | None = None,
        connect_timeout: Seconds | None = None,
        timeout: Seconds | None = None,
        deadline: Seconds | None = None,
    ) -> None:
        self._session = Session(
            runtime=RUNTIME,
            tenant_id=tenant_id,
            api_key=api_key,
            secondary_api_key=secondary_api_key,
            base_url=base_url,
            users_path=users_path,
            app_name=app_name,
            allow_insecure_http=allow_insecure_http,
            connect_timeout=connect_timeout,
            timeout=timeout,
            deadline=deadline,
        )

    def __repr__(self) -> str:
        return f"<agglestone.{type(self).__name__} {self._session.tenant_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"cannot pickle {type(self).__name__}: it holds an API key and connections; "
            "make a client in each process instead"
        )
