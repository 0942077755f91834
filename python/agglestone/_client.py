from . import _native
from ._native import Operation
class Client:
    def __init__(self, **settings):
        self._session = _native.Session(runtime="python/3.11", **settings)
    def get_users(self, page_number=1, page_size=10):
        return self._session.call(Operation.get_users(page_number, page_size)).json()
