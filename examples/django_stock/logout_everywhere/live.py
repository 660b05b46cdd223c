from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, load_backend


def is_live(request) -> bool:
    """Whether this session still lets somebody in, by the database as it is now.

    For what runs on after the check: streams, downloads, a write that must not come too late.
    """
    session = type(request.session)(request.session.session_key)
    if HASH_SESSION_KEY not in session:
        return False
    user = load_backend(session[BACKEND_SESSION_KEY]).get_user(session[SESSION_KEY])
    return user is not None and user.accepts(session[HASH_SESSION_KEY])
