% rebase("layout.tpl", title="Your sessions", alert=alert)
    <p><a href="/">Go to the home page</a></p>
    <form method="post" action="/logout"><button class="plain">Log out this browser</button></form>
% for session in sessions:
    <section>
      <h2>{{session.browser}}{{", this browser" if session == current else ""}}</h2>
      <p>Signed in {{ago(session.signed_in_at)}}, last seen {{ago(session.seen_at)}}.{{" Remembered." if session.remembered else ""}}</p>
      <form method="post" action="/sessions/end">
        <input type="hidden" name="id" value="{{session.id}}">
        <label for="password_{{session.id}}">Current password</label>
        <input id="password_{{session.id}}" name="current_password" type="password" autocomplete="current-password" required>
        <button class="danger">End this session</button>
      </form>
    </section>
% end
