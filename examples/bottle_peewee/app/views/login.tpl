% rebase("layout.tpl", title="Log in", alert=alert)
  <form method="post" action="/login">
    <label>E-mail address <input name="email" type="email" required></label>
    <label>Password <input name="password" type="password" required></label>
    <button>Log in</button>
  </form>
