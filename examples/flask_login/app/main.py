"""The pages."""

import time
from itertools import count

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    session,
    stream_with_context,
    url_for,
)
from flask_login import current_user

from .extensions import db, sock
from .sessions import FILES, is_live

bp = Blueprint("main", __name__)


@bp.before_app_request
def note_visit():
    if request.endpoint not in FILES and current_user.is_authenticated:
        current_user.note_visit()


@bp.get("/")
def index():
    return render_template("index.html")


@bp.post("/profile")
def profile():
    current_user.name = request.form["name"]
    db.session.commit()
    return redirect(url_for("main.index"), 303)


@bp.post("/basket")
def basket():
    session["basket"] = request.form["thing"]
    return redirect(url_for("main.index"), 303)


@bp.get("/events")
def events():
    session_id = session["_user_id"]

    def ticks():
        for number in count():
            if not is_live(session_id):
                return
            yield f"data: {number}\n\n"
            time.sleep(0.2)

    return Response(stream_with_context(ticks()), mimetype="text/event-stream")


@sock.route("/socket", bp=bp)
def socket(connection):
    """`require_login` has checked the handshake. From then on nobody checks but this loop."""
    session_id = session["_user_id"]
    while is_live(session_id):
        said = connection.receive(timeout=0.5)
        if said is not None and is_live(session_id):
            connection.send(said)


@bp.get("/about")
def about():
    return render_template("about.html")
