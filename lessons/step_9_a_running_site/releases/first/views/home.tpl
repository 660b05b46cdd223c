% rebase("layout.tpl", title="Hello, " + user.name, alert=alert)
    <section>
      <h2>Your sessions</h2>
      <p>You are signed in as {{user.email}}.</p>
      <div class="buttons">
        <form method="post" action="/logout"><button class="plain">Log out this browser</button></form>
        <form method="post" action="/sessions/invalidate"><button class="danger">Log out everywhere</button></form>
      </div>
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
      <h2>Your password</h2>
      <p>A new password logs you out everywhere but in this browser.</p>
      <form method="post" action="/password">
        <label for="current_password">Current password</label>
        <input id="current_password" name="current_password" type="password" autocomplete="current-password" required>
        <label for="new_password">New password</label>
        <input id="new_password" name="new_password" type="password" autocomplete="new-password" required>
        <button>Change password</button>
      </form>
    </section>
