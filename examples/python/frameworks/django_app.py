"""Users of the tenant behind Django, for whoever has a user's token, as a project of one file.

Run by `gunicorn django_app:application`.
"""

from functools import cache

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path

from agglestone import Client, NotFoundError
from agglestone.django import bearer_required

# In settings.py. Keys come from AGGLESTONE_API_KEY or AGGLESTONE_API_KEY_FILE, and belong into no file of the project.
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for this example",
    AGGLESTONE={"app_name": "users-django/1.0", "timeout": 10},
    # Nobody gets further without a token of the tenant.
    MIDDLEWARE=["agglestone.django.BearerMiddleware"],
    AGGLESTONE_CLIENT=f"{__name__}.agglestone",
)


@cache
def agglestone() -> Client:
    """The one client of the process."""
    return Client(**settings.AGGLESTONE)


admin = bearer_required(agglestone, groups=["Admin"])


def me(request: HttpRequest) -> JsonResponse:
    """Whoever's token it is."""
    return JsonResponse(agglestone().get_user(request.claims["userId"]))


@admin
def users(request: HttpRequest) -> JsonResponse:
    """One page."""
    return JsonResponse(agglestone().get_users(int(request.GET.get("page", 1)), 20))


@admin
def user(request: HttpRequest, user_id: str) -> JsonResponse:
    """One user."""
    try:
        return JsonResponse(agglestone().get_user(user_id))
    except NotFoundError:
        raise Http404 from None


urlpatterns = [path("me", me), path("users", users), path("users/<str:user_id>", user)]
application = get_wsgi_application()
