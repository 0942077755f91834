"""A Celery task that calls the service. Run by `celery --app celery_app worker`.

The broker is a folder, CELERY_FOLDER, so that the example needs no server; any other does as well.
"""

import os
from pathlib import Path

from celery import Celery

from agglestone import Client, RateLimitedError, ServerError, TransportError

folder = Path(os.environ["CELERY_FOLDER"])
for name in ("queue", "control", "results"):
    (folder / name).mkdir(exist_ok=True)

app = Celery("celery_app", broker="filesystem://", backend=(folder / "results").as_uri())
app.conf.broker_transport_options = {
    "data_folder_in": str(folder / "queue"),
    "data_folder_out": str(folder / "queue"),
    "control_folder": str(folder / "control"),
}

# Before the workers are forked: each has connections and tokens of its own.
client = Client(app_name="users-celery/1.0")


# The client has retried by then what can't act twice. Trying again much later is for the queue.
@app.task(autoretry_for=(TransportError, RateLimitedError, ServerError), retry_backoff=True, max_retries=5)
def email_of(user_id: str) -> "str | None":
    """The address of a user."""
    return client.get_user(user_id)["email"]
