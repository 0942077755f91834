"""A user's token for requests that other libraries make, and a new one where a service refused it."""

from __future__ import annotations

from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._async_client import AsyncClient
    from ._client import Client

SCHEME = "Bearer "
UNAUTHORIZED = 401


def header(client: Client, user_id: str) -> str:
    """The value of ``Authorization``, with a token that is at hand or fetched now."""
    return SCHEME + client.exchange_api_key_for_token(user_id)


def renewed_header(client: Client, user_id: str, refused: str | None) -> str:
    """The same after a refusal. Of many that were refused at once, one fetches the new token."""
    if (current := header(client, user_id)) != refused:
        return current
    return SCHEME + client.exchange_api_key_for_token(user_id, fresh=True)


async def header_async(client: AsyncClient, user_id: str) -> str:
    """`header` for asyncio."""
    return SCHEME + await client.exchange_api_key_for_token(user_id)


async def renewed_header_async(client: AsyncClient, user_id: str, refused: str | None) -> str:
    """`renewed_header` for asyncio."""
    if (current := await header_async(client, user_id)) != refused:
        return current
    return SCHEME + await client.exchange_api_key_for_token(user_id, fresh=True)
