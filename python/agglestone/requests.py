"""Requests by ``requests`` that carry a user's token. ``pip install agglestone[requests]``.

>>> import requests
>>> from agglestone import Client
>>> from agglestone.requests import UserAuth
>>> with Client() as client:
...     requests.get("https://orders.example/api/orders", auth=UserAuth(client, user_id))
"""

from __future__ import annotations

from typing import Any

try:
    import requests
    import requests.auth
except ImportError as _error:
    raise ImportError("agglestone.requests needs requests: pip install agglestone[requests]") from _error

from ._client import Client
from ._user_token import UNAUTHORIZED, header, renewed_header

__all__ = ["UserAuth"]


class UserAuth(requests.auth.AuthBase):
    """Carries the token of one user: renewed before it expires, and once more where a service answers 401.

    ``client`` is not closed. A request is repeated only if its body is at hand: bytes, text, JSON or a form, not a stream
    or a file. Following a redirect, requests sends the token to no other host, and neither does this. Errors of the
    exchange are those of `Client.get_token`.
    """

    def __init__(self, client: Client, user_id: str) -> None:
        """``user_id``: whose token it is (`service.md`, "Token exchange")."""
        self._client = client
        self._user_id = user_id

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """What ``requests`` calls with each request."""
        sent = r.headers["Authorization"] = header(self._client, self._user_id)

        def repeat(response: requests.Response, **options: Any) -> requests.Response:
            request = response.request
            # Where a redirect led to another host, the token was taken out.
            carried = request.headers.get("Authorization") == sent
            at_hand = request.body is None or isinstance(request.body, (bytes, str))
            if response.status_code != UNAUTHORIZED or not carried or not at_hand:
                return response
            # Read to its end, so that the connection can be used again.
            response.content  # noqa: B018
            response.close()
            again = request.copy()
            again.headers["Authorization"] = renewed_header(self._client, self._user_id, sent)
            repeated: requests.Response = response.connection.send(again, **options)
            repeated.history.append(response)
            repeated.request = again
            return repeated

        r.register_hook("response", repeat)  # type: ignore[no-untyped-call]
        return r
