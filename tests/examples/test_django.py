"""Django's model: which writes end sessions, and that none brings an ended one back."""

import pytest

from lessons.kit.stage import ALICE, BOB
from tests.support.examples import DjangoBrowser, after_the_next_check

NEW_PASSWORD = "a much better password"


@pytest.fixture
def alice(django):
    """Alice's row, read anew with each call."""
    from examples.django_app.models import User

    return lambda: User.objects.get(username=ALICE.email)


@pytest.fixture
def signed_in(django):
    def sign_in(person=ALICE, password=None):
        browser = DjangoBrowser(django.site)
        browser.send("/login", email=person.email, password=password or person.password)
        assert is_in(browser), "without this the rest would prove nothing"
        return browser

    return sign_in


def is_in(browser):
    return browser.open("/").status_int == 200


def give_a_new_password(user, password=NEW_PASSWORD):
    user.set_password(password)
    user.save()


def deactivate(user):
    user.is_active = False
    user.save()


def test_a_stale_object_revives_no_session(alice, django, signed_in):
    laptop, stale = signed_in(), alice()
    django.invalidate()
    stale.first_name = "Alice"
    stale.save()
    assert alice().first_name == "Alice"
    assert not is_in(laptop)


def test_a_stale_object_brings_no_old_password_back(alice, signed_in):
    laptop, stale = signed_in(), alice()
    give_a_new_password(alice())
    stale.first_name = "Alice"
    stale.save()
    assert alice().first_name == "Alice"
    assert alice().check_password(NEW_PASSWORD)
    assert not is_in(laptop)


def test_a_stale_object_makes_nobody_active_again(alice, signed_in):
    laptop, stale = signed_in(), alice()
    deactivate(alice())
    stale.save()
    assert not alice().is_active
    assert not is_in(laptop)


def test_a_stale_object_that_names_the_columns_brings_nothing_back(alice, signed_in):
    laptop, stale = signed_in(), alice()
    give_a_new_password(alice())
    stale.save(update_fields=["first_name", "password", "is_active", "session_token"])
    assert alice().check_password(NEW_PASSWORD)
    assert not is_in(laptop)


@pytest.mark.parametrize("renew", ["refresh_from_db", "save"])
def test_an_object_goes_stale_again_after_a_refresh_or_a_save(alice, signed_in, renew):
    stale = alice()
    give_a_new_password(stale if renew == "save" else alice())
    getattr(stale, renew)()
    laptop = signed_in(password=NEW_PASSWORD)
    give_a_new_password(alice(), "one more password")
    stale.save()
    assert alice().check_password("one more password")
    assert not is_in(laptop)


def test_an_object_just_created_goes_stale_as_well(django):
    from examples.django_app.models import User

    carol = User.objects.create_user("carol@example.com", password="old password")
    give_a_new_password(User.objects.get(pk=carol.pk))
    carol.save()
    assert User.objects.get(pk=carol.pk).check_password(NEW_PASSWORD)


@pytest.mark.parametrize("columns", [["first_name"], ["password"]])
def test_columns_that_were_not_read_are_left_alone(alice, django, signed_in, columns):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from examples.django_app.models import User

    laptop = signed_in()
    partial = User.objects.only(*columns).get(username=ALICE.email)
    assert partial.is_active, "this reads the column later"
    django.invalidate()
    partial.first_name = "Alice"
    with CaptureQueriesContext(connection) as asked:
        partial.save()
    assert len(asked) == 1, "and none is read for the sake of writing it"
    assert alice().first_name == "Alice"
    assert alice().check_password(ALICE.password)
    assert not is_in(laptop)


def test_a_new_password_is_not_forgotten_when_another_column_is_read_late(alice, signed_in):
    from examples.django_app.models import User

    laptop = signed_in()
    user = User.objects.defer("first_name").get(username=ALICE.email)
    user.set_password(NEW_PASSWORD)
    assert user.first_name == "", "this reads the column"
    user.save()
    assert alice().check_password(NEW_PASSWORD)
    assert not is_in(laptop)


@pytest.mark.parametrize("change", [give_a_new_password, deactivate])
def test_a_change_ends_the_sessions_for_good(alice, signed_in, change):
    laptop, phone, bob = signed_in(), signed_in(), signed_in(BOB)
    digest = alice().password
    change(alice())
    assert not is_in(laptop)
    user = alice()
    user.password, user.is_active = digest, True
    user.save()
    assert not is_in(phone), "all is as it was, but the token"
    assert is_in(bob)


def test_a_change_that_names_its_column_ends_them_too(alice, signed_in):
    laptop, user = signed_in(), alice()
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.is_active = True
    user.save(update_fields=["is_active"])
    assert not is_in(laptop)


def test_a_change_that_is_not_saved_ends_nothing(alice, signed_in):
    laptop, user = signed_in(), alice()
    user.set_password(NEW_PASSWORD)
    user.save(update_fields=["first_name"])
    assert alice().check_password(ALICE.password)
    assert is_in(laptop)
    user.save()
    assert alice().check_password(NEW_PASSWORD)
    assert not is_in(laptop)


def test_an_edit_of_the_name_ends_nothing(alice, signed_in):
    laptop, user = signed_in(), alice()
    user.first_name = "Alice"
    user.save()
    assert is_in(laptop)


def test_a_stale_object_ends_the_sessions_of_now(alice, signed_in):
    stale = alice()
    give_a_new_password(alice())
    laptop = signed_in(password=NEW_PASSWORD)
    stale.invalidate_sessions()
    assert not is_in(laptop)
    assert alice().check_password(NEW_PASSWORD)


@pytest.mark.filterwarnings("ignore:Passing positional arguments")
def test_a_stale_object_with_positional_arguments_brings_nothing_back(alice, signed_in):
    laptop, stale = signed_in(), alice()
    give_a_new_password(alice())
    stale.save(False, False)
    assert alice().check_password(NEW_PASSWORD)
    assert not is_in(laptop)


def test_a_password_on_its_way_makes_nobody_active_again(alice, django, signed_in, monkeypatch):
    thief = signed_in()
    after_the_next_check(django, monkeypatch, lambda: deactivate(alice()))
    fields = {"current_password": ALICE.password, "new_password": NEW_PASSWORD}
    answer = thief.send("/password", **fields)
    assert answer.headers["Location"] == "/login?next=/password", "as the check refuses"
    assert not alice().is_active
    assert alice().check_password(ALICE.password)


def test_djangos_own_form_for_a_password_can_lock_the_row_too(alice, django):
    from django.contrib.auth.views import PasswordChangeView
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction
    from django.test import RequestFactory

    from examples.django_app.views import expired

    class ChangePassword(PasswordChangeView):
        success_url = "/"

        def form_valid(self, form):
            with transaction.atomic():
                if self.request.user.lock() is None:
                    return expired(self.request)
                return super().form_valid(form)

    def send(user):
        fields = {"old_password": ALICE.password, "new_password1": NEW_PASSWORD}
        request = RequestFactory().post("/password", {**fields, "new_password2": NEW_PASSWORD})
        request.user, request.session = user, SessionStore()
        request._dont_enforce_csrf_checks = True
        return ChangePassword.as_view()(request).headers["Location"]

    stale = alice()
    django.invalidate()
    assert send(stale) == "/login?next=/password"
    assert alice().check_password(ALICE.password)
    assert send(alice()) == "/"
    assert alice().check_password(NEW_PASSWORD)
