"""Flask-Login as its documentation shows it, with its "alternative tokens": the id in the session
is a random one, and a new one ends all of a user's sessions. Users are kept by Flask-SQLAlchemy."""

import time
from secrets import token_hex

from flask import Flask, Response, flash, redirect, render_template, request, session, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash


class Base(DeclarativeBase):
    pass


app = Flask(__name__)
app.config["SECRET_KEY"] = "a key for a demonstration"
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///project.db"
app.config.from_prefixed_env()

db = SQLAlchemy(app, model_class=Base)
login_manager = LoginManager(app)
login_manager.login_view = "login"


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    alternative_id: Mapped[str] = mapped_column(unique=True, default=lambda: token_hex(16))
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str]
    role: Mapped[str] = mapped_column(default="member")
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def is_active(self):
        return self.active

    def get_id(self):
        return self.alternative_id

    def end_sessions(self):
        self.alternative_id = token_hex(16)


@login_manager.user_loader
def load_user(alternative_id):
    return db.session.scalar(db.select(User).filter_by(alternative_id=alternative_id))


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        user = db.session.scalar(db.select(User).filter_by(email=request.form["email"]))
        if user and check_password_hash(user.password, request.form["password"]):
            login_user(user, remember="remember" in request.form)
            flash("Logged in successfully.")
            return redirect(url_for("index"))
        flash("Invalid e-mail or password.")
    return render_template("login.html")


@app.post("/logout")
@login_required
def logout():
    logout_user()
    return redirect(url_for("login"))


@app.post("/logout-everywhere")
@login_required
def logout_everywhere():
    current_user.end_sessions()
    db.session.commit()
    logout_user()
    return redirect(url_for("login"))


@app.route("/")
@login_required
def index():
    return render_template("index.html")


@app.post("/password")
@login_required
def password():
    if not check_password_hash(current_user.password, request.form["password"]):
        return "The current password is wrong.", 422
    current_user.password = generate_password_hash(request.form["new_password"])
    current_user.end_sessions()
    db.session.commit()
    login_user(current_user)
    return redirect(url_for("index"))


@app.post("/profile")
@login_required
def profile():
    current_user.name = request.form["name"]
    db.session.commit()
    return redirect(url_for("index"))


@app.post("/colour")
@login_required
def colour():
    session["colour"] = request.form["colour"]
    return redirect(url_for("index"))


@app.get("/events")
@login_required
def events():
    def ticks():
        for number in range(100):
            yield f"data: {number}\n\n"
            time.sleep(0.1)

    return Response(ticks(), mimetype="text/event-stream")


@app.get("/about")
def about():
    return "Open to all."
