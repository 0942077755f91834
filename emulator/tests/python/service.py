"""A service that believes the tokens of an issuer: it is told the tenant's address, and learns the rest by HTTP."""

import json
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt

HOST, TENANT_URL, AUDIENCE = sys.argv[1:]

with urllib.request.urlopen(f"{TENANT_URL}/v2.0/Auth/.well-known/openid-configuration") as answer:
    CONFIGURATION = json.load(answer)
KEYS = jwt.PyJWKClient(CONFIGURATION["jwks_uri"])


class Handler(BaseHTTPRequestHandler):
    """Answers the caller's user id, or why the token isn't believed."""

    def do_GET(self):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            key = KEYS.get_signing_key_from_jwt(token)
            issuer = CONFIGURATION["issuer"]
            claims = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=issuer)
            status, text = 200, claims["userId"]
        except jwt.PyJWTError as error:
            status, text = 401, type(error).__name__
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        """Says nothing."""


server = HTTPServer((HOST, 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
