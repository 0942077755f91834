"""Users of the tenant behind FastAPI, for whoever has a user's token: one client for the life of the application.

Run by `uvicorn fastapi_app:app`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Request

from agglestone import AsyncClient, Claims, NotFoundError, User, UsersPage
from agglestone.fastapi import Bearer


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Makes the client when the application starts, and closes it when it ends."""
    async with AsyncClient(app_name="users-fastapi/1.0") as app.state.agglestone:
        yield


def client_of(request: Request) -> AsyncClient:
    """What routes depend on, and tests override."""
    client: AsyncClient = request.app.state.agglestone
    return client


Agglestone = Annotated[AsyncClient, Depends(client_of)]
app = FastAPI(lifespan=lifespan)
# The client is there once the lifespan has begun, so both are given a function.
signed_in = Bearer(lambda: app.state.agglestone)
admin = Bearer(lambda: app.state.agglestone, groups=["Admin"])


@app.get("/me")
async def me(client: Agglestone, claims: Annotated[Claims, Depends(signed_in)]) -> User:
    """Whoever's token it is."""
    return await client.get_user(claims["userId"])


@app.get("/users", dependencies=[Depends(admin)])
async def users(client: Agglestone, page: Annotated[int, Query(ge=1)] = 1) -> UsersPage:
    """One page; the model is in the OpenAPI document."""
    return await client.get_users(page, 20)


@app.get("/users/{user_id}", dependencies=[Depends(admin)])
async def user(client: Agglestone, user_id: str) -> User:
    """One user."""
    try:
        return await client.get_user(user_id)
    except NotFoundError:
        raise HTTPException(404, "no such user") from None
