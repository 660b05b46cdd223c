"""For all pages at once, also those of packages."""

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import resolve_url
from django.utils.cache import add_never_cache_headers


def one_session_cookie(get_response):
    """Two session cookies in one request: the second may be planted by another host."""

    def middleware(request):
        cookies = request.META.get("HTTP_COOKIE", "").split(";")
        names = [cookie.partition("=")[0].strip() for cookie in cookies]
        if names.count(settings.SESSION_COOKIE_NAME) > 1:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return middleware


def no_page_of_a_user_in_a_cache(get_response):
    """A page that comes from a cache comes without a check."""

    def middleware(request):
        answer = get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            add_never_cache_headers(answer)
        return answer

    return middleware


def programs_get_401(get_response):
    """The login page is for people. A program that asks for JSON gets 401, and no redirect."""

    def middleware(request):
        answer = get_response(request)
        for_a_program = "application/json" in request.headers.get("Accept", "")
        login_page = f"{resolve_url(settings.LOGIN_URL)}?"
        if for_a_program and getattr(answer, "url", "").startswith(login_page):
            return JsonResponse({"error": "not_signed_in"}, status=401)
        return answer

    return middleware
