% rebase("layout.tpl", title=title, alert=alert, body="wide")
    <section>
      <p>{{effect}}</p>
% if impossible:
      <p><strong>{{impossible}}</strong></p>
% else:
% if me:
      <p><strong>You are among them: you are logged out here too.</strong></p>
% end
      <form method="post">
        <label for="reason">Reason, for the audit</label>
        <input id="reason" name="reason" maxlength="500" autocomplete="off" required>
        <label for="current_password">Your own current password</label>
        <input id="current_password" name="current_password" type="password" autocomplete="current-password" required>
        <button class="danger">{{title}}</button>
      </form>
% end
    </section>
