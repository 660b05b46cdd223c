"""Flask-Security-Too: the quick start for Flask-SQLAlchemy, with password changes and resets."""

import time
from pathlib import Path

from flask import Flask, Response, redirect, render_template, request, session
from flask_security import (
    MailUtil,
    Security,
    SQLAlchemyUserDatastore,
    auth_required,
    current_user,
)
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SECRET_KEY"] = "a key for a demonstration"
app.config["SECURITY_PASSWORD_SALT"] = "146585145368132386173505678016728509634"
app.config["REMEMBER_COOKIE_SAMESITE"] = "strict"
app.config["SESSION_COOKIE_SAMESITE"] = "strict"
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///project.db"
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}
app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
app.config["SECURITY_EMAIL_VALIDATOR_ARGS"] = {"check_deliverability": False}
app.config["SECURITY_CHANGEABLE"] = True
app.config["SECURITY_RECOVERABLE"] = True
app.config["SECURITY_SEND_PASSWORD_CHANGE_EMAIL"] = False
app.config["SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL"] = False

db = SQLAlchemy(app)
fsqla.FsModels.set_db_info(db)


class Role(db.Model, fsqla.FsRoleMixin):
    pass


class User(db.Model, fsqla.FsUserMixin):
    name = db.Column(db.String(255))


class MailsInFiles(MailUtil):
    def send_mail(self, template, subject, recipient, sender, body, html, **kwargs):
        Path("mail.txt").write_text(body)


user_datastore = SQLAlchemyUserDatastore(db, User, Role)
app.security = Security(app, user_datastore, mail_util_cls=MailsInFiles)


@app.route("/")
@auth_required()
def home():
    return render_template("home.html")


@app.post("/profile")
@auth_required()
def profile():
    current_user.name = request.form["name"]
    db.session.commit()
    return redirect("/")


@app.post("/colour")
@auth_required()
def colour():
    session["colour"] = request.form["colour"]
    return redirect("/")


@app.post("/token")
@auth_required("session")
def token():
    return {"token": current_user.get_auth_token()}


@app.get("/events")
@auth_required()
def events():
    def ticks():
        for number in range(100):
            yield f"data: {number}\n\n"
            time.sleep(0.1)

    return Response(ticks(), mimetype="text/event-stream")
