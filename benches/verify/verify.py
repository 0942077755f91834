"""What it costs in Python to verify a token: one that was seen before, and one that was not."""

from rounds import measure, show

from agglestone import Client

with Client() as client, Client(verify_cache_size=0) as forgetful:
    user_id = next(user["userId"] for user in client.get_users()["data"] if user["enabled"])
    token = client.exchange_api_key_for_token(user_id)
    seen = measure(lambda: client.verify_token(token))
    anew = measure(lambda: forgetful.verify_token(token))
    show("agglestone", seen, anew)
