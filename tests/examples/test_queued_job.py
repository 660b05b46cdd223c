"""A queued job outlives the end of its user's sessions, unless it carries a stamp."""

import json

import pytest

from examples.queued_job import Ended, job_for, owner_of
from lessons.kit.stage import ALICE, BOB


@pytest.fixture
def alice(users):
    return users.find("email", ALICE.email)


def queued(job):
    """What the worker gets: the queue writes it down and reads it again."""
    return json.loads(json.dumps(job))


def test_a_job_that_names_its_user_alone_outlives_the_end(users, alice):
    job = queued({"what": "export", "user_id": alice.id})
    users.invalidate_sessions(alice)
    assert users.find("id", job["user_id"]).email == ALICE.email


def test_a_job_with_a_stamp_runs_until_the_end_and_no_longer(users, alice):
    job, bobs = queued(job_for(alice, "export")), job_for(users.find("email", BOB.email), "export")
    assert owner_of(job, users) == alice
    users.invalidate_sessions(alice)
    with pytest.raises(Ended):
        owner_of(job, users)
    assert owner_of(queued(bobs), users).email == BOB.email


def test_a_new_password_ends_it_too(users, alice):
    job = queued(job_for(alice, "export"))
    assert users.change_password(alice, "a much better password")
    with pytest.raises(Ended):
        owner_of(job, users)


def test_a_job_from_before_the_release_has_no_stamp_and_is_refused(users, alice):
    with pytest.raises(Ended):
        owner_of(queued({"what": "export", "user_id": alice.id}), users)


def test_the_queue_holds_no_token(users, alice):
    assert alice.session_token not in json.dumps(job_for(alice, "export"))
