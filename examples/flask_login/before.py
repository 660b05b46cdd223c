"""The old release: Flask-Login as its documentation shows it. It can end nobody's sessions."""

from app.config import from_environment
from flask import Flask, redirect, render_template_string, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash

db = SQLAlchemy()
login_manager = LoginManager()
login_manager.login_view = "login"

LOGIN = """<form method="post">
<input name="email"> <input name="password" type="password"> <input name="remember" type="checkbox">
<button>Log in</button></form>"""


class User(UserMixin, db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(255))
    password_hash = db.Column(db.String(255))


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


def login():
    if request.method == "GET":
        return render_template_string(LOGIN)
    user = db.session.scalar(db.select(User).filter_by(email=request.form["email"]))
    if user is None or not check_password_hash(user.password_hash, request.form["password"]):
        return render_template_string(LOGIN), 401
    login_user(user, remember="remember" in request.form)
    return redirect("/")


@login_required
def index():
    return f"Signed in as {current_user.email}."


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(from_environment())
    db.init_app(app)
    login_manager.init_app(app)
    app.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/", view_func=index)
    return app
