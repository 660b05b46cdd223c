"""Wrong apps: for each scenario at least one that breaks it, and nothing but one method changed."""

import re
import secrets
import time
from threading import Condition

from tests.support.logout_check.right import App, Response, User

WRONG: list[tuple[str, type[App]]] = []


def breaks(*numbers):
    def keep(app):
        WRONG.extend((str(number), app) for number in numbers)
        return app

    return keep


class Graveyard(App):
    """It remembers the sessions that have ended."""

    def __init__(self):
        self.dead = {}
        super().__init__()

    def forget(self, table, user):
        now = time.monotonic()
        self.dead |= {key: (one, now) for key, one in table.items() if one.login == user.login}
        super().forget(table, user)

    def dead_one(self, request):
        return self.dead.get(self.presented(request).partition(".")[0], (None, 0))


@breaks(1)
class ANewLoginEndsTheOthers(App):
    def begin_session(self, request, user, response):
        self.forget(self.sessions, user)
        return super().begin_session(request, user, response)


@breaks(2)
class NothingEnds(App):
    def end_sessions(self, user):
        pass


@breaks(2)
class TheOneWhoPressedStaysIn(App):
    def log_out_everywhere(self, request, session):
        super().log_out_everywhere(request, session)
        session.token = self.users[session.login].token
        self.sessions[session.number] = session
        return Response(204)


@breaks(2)
class OnlyThisBrowserIsEnded(App):
    def log_out_everywhere(self, request, session):
        return self.log_out(request, session)


@breaks(3)
class EverybodyIsLoggedOut(App):
    def end_sessions(self, user):
        for one in self.users.values():
            super().end_sessions(one)


@breaks(3)
class NobodyComesBack(App):
    def __init__(self):
        self.ended = set()
        super().__init__()

    def end_sessions(self, user):
        super().end_sessions(user)
        self.ended.add(user.login)

    def may_sign_in(self, user):
        return user.login not in self.ended


@breaks(4, 7)
class ANewPasswordEndsNothing(App):
    def after_a_new_password(self, request, session, user):
        return Response(303, "", [("Location", "/")])


@breaks(5)
class ANewPasswordEndsThisToo(App):
    def after_a_new_password(self, request, session, user):
        self.end_sessions(user)
        return Response(303, "", [("Location", "/login")])


@breaks(6)
class LogoutClearsTheCookie(App):
    def log_out(self, request, session):
        return self.refusal(request)


@breaks(7)
class TheOldSessionOfThisBrowserStays(App):
    def after_a_new_password(self, request, session, user):
        self.end_sessions(user)
        session.token = user.token
        self.sessions[session.number] = session
        return Response(303, "", [("Location", "/")])


@breaks(8, 25)
class OnlyTheLoginAsks(App):
    def alive(self, session):
        user = session and self.users.get(session.login)
        return session if user and user.token == session.token else None

    def operator_deactivate(self, user):
        user.active = False


@breaks(9)
class ALeaverSignsIn(App):
    def may_sign_in(self, user):
        return True

    def alive(self, session):
        user = session and self.users.get(session.login)
        return session if user and user.token == session.token else None


@breaks(10)
class ARoleEndsNothing(App):
    def operator_set_role(self, user):
        user.role = "admin"


@breaks(11)
class NoTrigger(App):
    def trigger(self, user):
        pass


@breaks(12)
class ASaveWritesEverything(App):
    """And a dead session that is seen is deleted: who looks too early sees nothing of it."""

    def end_sessions(self, user):
        user.token = secrets.token_hex(16)

    def alive(self, session):
        found = super().alive(session)
        if session and not found:
            self.sessions.pop(session.number, None)
        return found

    def operator_save(self, user):
        user.token = self.stale.token


class Meeting(App):
    """A login that has checked the password waits for a change of it that is under way, and that
    waits for such a login."""

    def __init__(self):
        super().__init__()
        self.meeting = Condition(self.lock)
        self.changing = self.waiting = False

    def after_a_new_password(self, request, session, user):
        self.changing = True
        self.meeting.wait_for(lambda: self.waiting, 2)
        response = super().after_a_new_password(request, session, user)
        self.changing = False
        self.meeting.notify_all()
        return response

    def authenticate(self, login, password):
        user = super().authenticate(login, password)
        if self.changing:
            self.waiting = True
            self.meeting.notify_all()
            self.meeting.wait_for(lambda: not self.changing, 2)
        return user

    def change_password(self, request, session):
        """The password is the old one until the two have met."""
        self.confirm(request, session)
        new = request.form["new_password"]
        user = self.users[session.login]
        response = self.after_a_new_password(request, session, user)
        self.with_password(user, new)
        return response


@breaks(13)
class TheTokenIsReadAgain(Meeting):
    def begin_session(self, request, user, response):
        return super().begin_session(request, self.users[user.login], response)


@breaks(14)
class ANameEndsTheSessions(App):
    def change_name(self, request, session):
        response = super().change_name(request, session)
        self.end_sessions(self.users[session.login])
        return response


@breaks(15)
class NoHashForNobody(App):
    rounds = 60_000

    def authenticate(self, login, password):
        return super().authenticate(login, password) if login in self.users else None


@breaks(15)
class NoHashForNobodyButASlowMoment(NoHashForNobody):
    """The first unknown name takes as long as a hash, for the machine is busy then."""

    slow = True

    def authenticate(self, login, password):
        if self.slow and login not in self.users:
            self.slow = False
            self.digest(password, 3 * self.rounds)
        return super().authenticate(login, password)


class AQuickMoment(App):
    """A cheap hash on a busy machine: each login waits for others, but for one wrong password."""

    rounds = 12_000
    quick = True

    def authenticate(self, login, password):
        user = super().authenticate(login, password)
        if user is None and login in self.users and self.quick:
            self.quick = False
        else:
            self.digest(password, 10 * self.rounds)
        return user


@breaks(15)
class NobodyIsToldSo(App):
    def log_in(self, request):
        if request.form.get("email", "") not in self.users:
            return Response(404, "There is no such account.")
        return super().log_in(request)


@breaks(16)
class ANulIsTooMuch(App):
    def digest(self, password, rounds):
        if "\0" in password:
            raise ValueError(password)
        return super().digest(password, rounds)


@breaks(16)
class ABrokenCookieIsTooMuch(App):
    def presented(self, request):
        sent = super().presented(request)
        if sent:
            _, _ = sent.split(".")
        return sent


@breaks(16)
class ANameWithoutAValueIsTooMuch(App):
    def presented(self, request):
        pairs = [pair.strip() for pair in request.headers.get("cookie", "").split(";")]
        if pairs.count(self.cookie_name(request)) > 1:
            raise KeyError(self.cookie_name(request))
        return super().presented(request)


@breaks(17)
class TheIdIsTakenOver(App):
    def signed(self, number):
        return number

    def begin_session(self, request, user, response):
        session = super().begin_session(request, user, response)
        sent = request.cookie("session")
        if sent:
            del self.sessions[session.number]
            session.number, self.sessions[sent] = sent, session
            response.headers[-1] = ("Set-Cookie", f"session={sent}{self.flags(request)}")
        return session

    def session_of(self, request):
        return self.alive(self.sessions.get(self.presented(request)))


@breaks(18)
class TheSecondLoginIsNotHeard(App):
    def log_in(self, request):
        if self.session_of(request):
            return Response(303, "", [("Location", "/")])
        return super().log_in(request)


@breaks(18)
class TheBagIsHandedOn(App):
    def begin_session(self, request, user, response):
        old = self.session_of(request)
        session = super().begin_session(request, user, response)
        session.bag = old.bag if old else ""
        return session


@breaks(19)
class AScriptCanReadTheCookie(App):
    def flags(self, request):
        return super().flags(request).replace("; HttpOnly", "")


@breaks(19)
class AnotherSiteSendsTheCookie(App):
    def flags(self, request):
        return super().flags(request).replace("; SameSite=Lax", "; SameSite=None")


@breaks(20)
class AProgramIsSentToAPage(App):
    def refusal(self, request):
        return Response(303, "", [("Location", "/login")])


@breaks(21)
class TheReleaseLogsEverybodyOut(App):
    def operator_deploy(self, user):
        self.sessions.clear()


@breaks(21)
class SessionsOfBeforeNeverEnd(App):
    """A row from before the release counts whatever happens."""

    def __init__(self):
        self.adopted, self.old = {}, False
        super().__init__()

    def operator_undeploy(self, user):
        self.old = True

    def operator_deploy(self, user):
        self.adopted, self.old = {key: one for key, one in self.sessions.items()}, False

    def alive(self, session):
        return session if session in self.adopted.values() else super().alive(session)

    def session_of(self, request):
        number = self.presented(request).partition(".")[0]
        return self.adopted.get(number) or super().session_of(request)


class FromBefore(App):
    """The release before hashed passwords less strongly."""

    def operator_undeploy(self, user):
        self.rounds = type(self).rounds // 2
        self.with_password(user, "the secret of Alice")

    def operator_deploy(self, user):
        self.rounds = type(self).rounds


@breaks(21)
class TheHashOfBeforeEndsTheSessions(FromBefore):
    """A login hashes the password again, and a trigger takes that for a new password."""

    def rehash(self, user, password):
        if user.rounds != self.rounds:
            super().rehash(user, password)
            self.end_sessions(self.users[user.login])
            user.token = self.users[user.login].token


@breaks(22)
class OneKeyOnly(App):
    def operator_new_key(self, user):
        self.keys = [secrets.token_hex(8)]


@breaks(23)
class TheDeviceStaysIn(App):
    def end_device(self, request, session):
        return Response(204)


@breaks(23)
class OneDeviceEndsAll(App):
    def end_device(self, request, session):
        self.end_sessions(self.users[session.login])
        return Response(204)


@breaks(24, 32)
class WhatIsOpenStaysOpen(Graveyard):
    def goes_on(self, request):
        return super().goes_on(request) or self.dead_one(request)[0] is not None


@breaks(25)
class SwitchingOnRevives(App):
    def operator_deactivate(self, user):
        user.active = False


@breaks(26)
class RememberMeIsForgotten(App):
    def forget_other_credentials(self, user):
        self.forget(self.api_tokens, user)

    def restored(self, request):
        entry = self.remembered.get(request.cookie("remember") or "")
        if entry:
            entry.token = self.users[entry.login].token
        return super().restored(request)


@breaks(27)
class NobodyIsAnError(App):
    def alive(self, session):
        if session is None:
            return None
        user = self.users[session.login]
        return session if user.active and user.token == session.token else None


@breaks(27)
class NobodyIsIn(App):
    def alive(self, session):
        if session and session.login not in self.users:
            return session
        return super().alive(session)

    def home(self, request, session):
        return Response(200, self.users.get(session.login, User("", "nobody")).name)


@breaks(28)
class HttpsIsAsHttp(App):
    def cookie_name(self, request):
        return "session"

    def flags(self, request):
        return "; Path=/; HttpOnly; SameSite=Lax"


@breaks(29)
class TheLinkOutlives(App):
    def reset_entry(self, request):
        return self.links.get(request.path.rpartition("/")[2])


class ALoginEndsTheLinks(App):
    """As in Django: the link holds the time of the last login."""

    def begin_session(self, request, user, response):
        self.forget(self.links, user)
        return super().begin_session(request, user, response)


@breaks(29)
class OnlyALoginEndsTheLink(ALoginEndsTheLinks, TheLinkOutlives):
    pass


@breaks(30)
class TheApiTokenOutlives(App):
    def forget_other_credentials(self, user):
        self.forget(self.remembered, user)


@breaks(31)
class ASocketIsNotChecked(Graveyard):
    def accepts_socket(self, request):
        return self.dead_one(request)[0] is not None or super().accepts_socket(request)

    goes_on = accepts_socket


@breaks(33)
class AWayRoundAndRound(App):
    def refusal(self, request):
        return Response(401 if request.wants_json else 303, "", [("Location", "/login")])

    def show_login(self, request):
        if request.cookie("remember"):
            return Response(303, "", [("Location", "/")])
        return super().show_login(request)


@breaks(34)
class APreflightIsRefused(App):
    def preflight(self, request):
        return self.refusal(request)


@breaks(34)
class ARefusalCannotBeRead(App):
    def refusal(self, request):
        response = super().refusal(request)
        response.headers = [pair for pair in response.headers if not pair[0].startswith("Access")]
        return response


@breaks(35)
class TheDeadMayNotReadAnything(App):
    def about(self, request):
        if self.presented(request) and self.session_of(request) is None:
            return self.refusal(request)
        return super().about(request)


@breaks(36)
class TheLastOfTwoCounts(App):
    def presented(self, request):
        found = re.findall(r"(?:^|; )session=([^;]*)", request.headers.get("cookie", ""))
        return found[-1] if found else super().presented(request)


@breaks(36)
class TheFirstOfTwoCounts(App):
    def presented(self, request):
        found = re.findall(r"(?:^|; )session=([^;]*)", request.headers.get("cookie", ""))
        return found[0] if found else super().presented(request)


@breaks(37)
class ASpaceEndsACookie(App):
    def presented(self, request):
        found = re.findall(r"\bsession=([^; ]*)", request.headers.get("cookie", ""))
        return found[0] if len(found) == 1 else super().presented(request)


@breaks(38)
class AFormIsNotChecked(Graveyard):
    def checked(self, request):
        dead, _ = self.dead_one(request)
        if request.path == "/profile" and dead:
            return dead, []
        return super().checked(request)


@breaks(39)
class ACacheIsAsked(Graveyard):
    def session_of(self, request):
        dead, died = self.dead_one(request)
        return dead if dead and time.monotonic() - died < 0.3 else super().session_of(request)


@breaks(40)
class AStrongerHashEndsTheSessions(App):
    def rehash(self, user, password):
        if user.rounds != self.rounds:
            self.end_sessions(self.users[user.login])
            user.token = self.users[user.login].token
        super().rehash(user, password)
