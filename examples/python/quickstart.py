"""The guide's quickstart: list users, then get a token that represents one of them.

Reads AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY (and AGGLESTONE_BASE_URL, where it is not the vendor's).
"""

from agglestone import Client

with Client() as client:
    page = client.get_users()
    print(f"Users: {len(page['data'])} of {page['totalRecords']}")

    user = next(user for user in page["data"] if user["enabled"])
    token = client.get_token(user["userId"])
    print(f"Token for {user['userId']} expires {token.expires_at:%Y-%m-%dT%H:%M:%SZ}")
