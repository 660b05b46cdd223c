% rebase("layout.tpl", title="Hello, " + user.name, alert=alert)
    <section>
      <h2>Your sessions</h2>
      <p>You are signed in as {{user.email}}. Your role is {{user.role}}.</p>
% if user.role == "admin":
      <p><a href="/admin/users">Look after the users</a></p>
% end
      <p><a href="/sessions">Where you are signed in</a></p>
      <form method="post" action="/logout"><button class="plain">Log out this browser</button></form>
    </section>
    <section>
      <h2>All your sessions</h2>
      <p>A logout here leaves your other browsers signed in. End their sessions too if one of them is lost, or not yours.</p>
      <form method="post" action="/sessions/invalidate">
        <label for="sessions_password">Current password</label>
        <input id="sessions_password" name="current_password" type="password" autocomplete="current-password" required>
        <button name="keep" value="this">Log out everywhere else</button>
        <button class="danger">Log out everywhere</button>
      </form>
    </section>
    <section>
      <h2>Your name</h2>
      <form method="post" action="/profile">
        <label for="name">Name</label>
        <input id="name" name="name" value="{{user.name}}" autocomplete="name" maxlength="255" required>
        <button>Save name</button>
      </form>
    </section>
    <section>
      <h2>Your e-mail address</h2>
      <form method="post" action="/email">
        <label for="email">E-mail address</label>
        <input id="email" name="email" type="email" value="{{user.email}}" autocomplete="username" maxlength="255" required>
        <label for="email_password">Current password</label>
        <input id="email_password" name="current_password" type="password" autocomplete="current-password" required>
        <button>Save e-mail address</button>
      </form>
    </section>
    <section>
      <h2>Your password</h2>
      <p id="new_password_rule">A new password has at least 8 characters and at most 72 bytes, and logs you out everywhere but in this browser.</p>
      <form method="post" action="/password">
        <label for="current_password">Current password</label>
        <input id="current_password" name="current_password" type="password" autocomplete="current-password" required>
        <label for="new_password">New password</label>
        <input id="new_password" name="new_password" type="password" autocomplete="new-password" aria-describedby="new_password_rule" required>
        <button>Change password</button>
      </form>
    </section>
