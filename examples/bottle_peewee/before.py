"""The old release: Bottle's own signed cookie, and Peewee. It can end nobody's sessions."""

import os

import bcrypt
from bottle import Bottle, HTTPResponse, redirect, request, response
from peewee import CharField, Model
from playhouse.db_url import connect

SECRET = os.environ["SECRET"]
LOGIN = """<form method="post">
<input name="email"> <input name="password" type="password"> <button>Log in</button></form>"""

app = Bottle()
db = connect(os.environ["DATABASE_URL"])


class User(Model):
    email = CharField(unique=True)
    name = CharField()
    password_digest = CharField()

    class Meta:
        database = db
        table_name = "users"


@app.hook("before_request")
def open_connection():
    db.connect(reuse_if_open=True)


@app.hook("after_request")
def close_connection():
    db.close()


@app.get("/")
def home():
    user = User.get_or_none(User.id == request.get_cookie("account", secret=SECRET))
    return f"Signed in as {user.email}." if user else redirect("/login")


@app.get("/login")
def show_login():
    return LOGIN


@app.post("/login")
def log_in():
    user = User.get_or_none(User.email == request.forms.email)
    password = request.forms.password.encode()
    if user is None or not bcrypt.checkpw(password, user.password_digest.encode()):
        return HTTPResponse(LOGIN, 401)
    response.set_cookie("account", str(user.id), secret=SECRET)
    return redirect("/")
