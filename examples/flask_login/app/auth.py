"""Signing in and out, and passwords."""

from hmac import compare_digest
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_remembered
from itsdangerous import BadSignature, URLSafeTimedSerializer

from .extensions import db
from .models import User, digest
from .sessions import begin_session, end_session, refuse, token_seen

bp = Blueprint("auth", __name__)
LINK_SECONDS = 3600


@bp.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html")
    user = User.authenticate(request.form["email"], request.form["password"])
    if user is None:
        flash("Invalid credentials")
        return render_template("login.html"), 401
    begin_session(user, remember="remember" in request.form)
    user.hash_again(request.form["password"])
    db.session.commit()
    return redirect(url_for("main.index"), 303)


@bp.post("/logout")
def logout():
    end_session()
    return redirect(url_for("auth.login"), 303)


@bp.post("/sessions/invalidate")
def logout_everywhere():
    current_user.end_sessions()
    db.session.commit()
    end_session()
    return redirect(url_for("auth.login"), 303)


@bp.post("/password")
def change_password():
    user = current_user._get_current_object()
    if not user.has_password(request.form["current_password"]):
        flash("Your current password is wrong")
        return render_template("index.html"), 422
    if not user.set_password(request.form["new_password"], seen=token_seen()):
        return refuse()
    begin_session(user, remember=login_remembered())  # this browser stays in, all others are out
    db.session.commit()
    return redirect(url_for("main.index"), 303)


@bp.route("/forgot", methods=["GET", "POST"])
def forgot():
    if request.method == "POST":
        email = request.form["email"].replace("\0", "")
        user = db.session.scalar(db.select(User).filter_by(email=email, active=True))
        if user:
            send_mail(url_for("auth.reset", link=reset_link(user), _external=True))
        flash("If the address has an account, we have sent it a link")
    return render_template("forgot.html")


@bp.route("/reset/<link>", methods=["GET", "POST"])
def reset(link):
    user, token = user_of(link)
    if user is None:
        return render_template("forgot.html", ended=True), 404
    if request.method == "GET":
        return render_template("reset.html", link=link)
    if not user.set_password(request.form["new_password"], seen=token):
        return render_template("forgot.html", ended=True), 404
    db.session.commit()
    return redirect(url_for("auth.login"), 303)


def reset_link(user: User) -> str:
    """It carries a digest of the token, so it ends with the sessions. It works once."""
    return link_signer().dumps([user.id, digest(user.session_token)])


def user_of(link: str) -> tuple[User | None, str | None]:
    """The user, and the token that they had when the link was checked."""
    try:
        user_id, stamp = link_signer().loads(link, max_age=LINK_SECONDS)
    except BadSignature:
        return None, None
    user = db.session.get(User, user_id)
    if user is None or not user.active or not compare_digest(stamp, digest(user.session_token)):
        return None, None
    return user, user.session_token


def link_signer() -> URLSafeTimedSerializer:
    settings = current_app.config
    older_keys = settings.get("SECRET_KEY_FALLBACKS") or []  # Flask 3.1 has it, and writes None
    return URLSafeTimedSerializer([*older_keys, settings["SECRET_KEY"]], salt="password reset")


def send_mail(text: str) -> None:
    """Into a file. Your app has something better."""
    Path(current_app.config["MAIL_FILE"]).write_text(text)
