from ._client import Client
