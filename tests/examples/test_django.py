"""Django's model: which writes end sessions, and that none brings an ended one back."""

import pytest

from lessons.kit.stage import ALICE, BOB
from tests.support.examples import DjangoBrowser
from tests.support.meanwhile import when_answered

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
    stale.save(update_fields=["first_name", "password", "is_active"])
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
    assert len(asked) == 2, "one to compare, one to write; none is read for being written"
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


def test_a_group_ends_the_sessions_of_its_new_user(alice, signed_in):
    from django.contrib.auth.models import Group

    laptop, bob = signed_in(), signed_in(BOB)
    Group.objects.create(name="editors").user_set.add(alice())
    assert not is_in(laptop)
    assert is_in(bob)


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
    from logout_everywhere.models import end_sessions

    stale = alice()
    give_a_new_password(alice())
    laptop = signed_in(password=NEW_PASSWORD)
    end_sessions(stale)
    assert not is_in(laptop)
    assert alice().check_password(NEW_PASSWORD)


def test_a_copy_is_a_new_user_and_ends_nothing(alice, signed_in):
    laptop, user = signed_in(), alice()
    user.pk, user.username = None, "carol"
    user.save()
    assert user.pk != alice().pk
    assert is_in(laptop)


def test_force_insert_fails_as_django_says(alice):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        alice().save(force_insert=True)


def test_a_user_is_saved_in_another_database(alice, tmp_path):
    from django.core.management import call_command
    from django.db import connections

    from examples.django_app.models import User

    connections.settings["other"] = connections.settings["default"] | {"NAME": tmp_path / "other"}
    try:
        call_command("migrate", database="other", verbosity=0)
        alice().save(using="other")
        user = alice()
        give_a_new_password(user)
        user.save(using="other")
        assert User.objects.using("other").get().check_password(NEW_PASSWORD)
    finally:
        connections["other"].close()
        del connections.settings["other"]


def test_receivers_are_told_what_the_caller_named(alice):
    from django.db.models.signals import post_save

    told = []

    def listen(instance, update_fields, **kwargs):
        if isinstance(instance, type(alice())):
            told.append(update_fields)

    post_save.connect(listen)
    alice().save()
    alice().save(update_fields=["first_name"])
    post_save.disconnect(listen)
    assert told == [None, frozenset({"first_name"})]


def test_an_object_with_the_key_of_a_row_that_is_there_ends_nothing(alice, django, signed_in):
    from examples.django_app.models import User

    django.invalidate()
    laptop, now = signed_in(), alice()
    User(**{field.attname: getattr(now, field.attname) for field in now._meta.fields}).save()
    assert is_in(laptop)


def test_a_password_on_its_way_makes_nobody_active_again(alice, django, signed_in, monkeypatch):
    thief = signed_in()
    when_answered(monkeypatch, *django.checker, lambda: deactivate(alice()))
    fields = {"current_password": ALICE.password, "new_password": NEW_PASSWORD}
    answer = thief.send("/password", **fields)
    assert answer.headers["Location"] == "/login?next=/password", "as the check refuses"
    assert not alice().is_active
    assert alice().check_password(ALICE.password)
