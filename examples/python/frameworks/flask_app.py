"""Users of the tenant behind Flask, for whoever has a user's token. Run by `gunicorn --preload --workers 4 flask_app:app`."""

import os
from typing import Any

from flask import Flask, abort, g

from agglestone import Client, NotFoundError
from agglestone.flask import bearer_required

app = Flask(__name__)
# Before gunicorn forks: each worker has connections and tokens of its own, and all threads of a worker share them.
client = Client(app_name="users-flask/1.0")
admin = bearer_required(client, groups=["Admin"])


@app.get("/me")
@bearer_required(client)
def me() -> dict[str, Any]:
    """Whoever's token it is."""
    return dict(client.get_user(g.claims["userId"]))


@app.get("/users")
@admin
def users() -> dict[str, Any]:
    """How many there are, and which worker was asked."""
    return {"total": client.get_users(page_size=1)["totalRecords"], "worker": os.getpid()}


@app.get("/users/<user_id>")
@admin
def user(user_id: str) -> dict[str, Any]:
    """One user."""
    try:
        return dict(client.get_user(user_id))
    except NotFoundError:
        abort(404)
