"""The same by PyJWT, as its manual has it: keys from the service, cached by its `PyJWKClient`."""

import json
import os
import urllib.request

import jwt
from rounds import measure, show

tenant = f"{os.environ['AGGLESTONE_BASE_URL']}/tenant/{os.environ['AGGLESTONE_TENANT_ID']}"


def ask(path, body=None):
    """What the service answers."""
    request = urllib.request.Request(
        f"{tenant}/{path}", headers={"X-API-Key": os.environ["AGGLESTONE_API_KEY"]}
    )
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


user_id = next(user["userId"] for user in ask("api/v2.0/Users")["data"] if user["enabled"])
token = ask("v2.0/Auth/token-exchange", {"userId": user_id})["token"]
discovery = ask("v2.0/Auth/.well-known/openid-configuration")
keys = jwt.PyJWKClient(discovery["jwks_uri"], cache_keys=True)


def verify():
    """The claims of the token."""
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(
        token, key, algorithms=["RS256"], issuer=discovery["issuer"], options={"verify_aud": False}
    )


rounds = measure(verify)
show(f"PyJWT {jwt.__version__}", rounds, rounds)
