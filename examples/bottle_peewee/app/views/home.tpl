% rebase("layout.tpl", title="Hello, " + user.name, alert=alert)
  <p>Signed in as {{user.email}}.</p>
  <form method="post" action="/profile">
    <label>Name <input name="name" value="{{user.name}}" maxlength="255" required></label>
    <button>Save name</button>
  </form>
  <form method="post" action="/password">
    <label>Current password <input name="current_password" type="password" required></label>
    <label>New password <input name="new_password" type="password" required></label>
    <button>Change password</button>
  </form>
  <form method="post" action="/logout"><button>Log out</button></form>
  <form method="post" action="/sessions/invalidate"><button>Log out everywhere</button></form>
