% rebase("layout.tpl", title="Log in", alert=alert)
    <section>
      <form method="post" action="/login">
        <label for="email">E-mail address</label>
        <input id="email" name="email" type="email" autocomplete="username" required autofocus>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required>
        <label class="check"><input name="remember" type="checkbox" value="yes"> Stay signed in on this device</label>
        <button>Log in</button>
      </form>
    </section>
