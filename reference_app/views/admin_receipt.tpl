% rebase("layout.tpl", title="Done. " + title, alert=alert, body="wide")
    <section>
      <h2>Receipt {{row.id}}</h2>
      <dl>
        <dt>When (UTC)</dt><dd>{{row.at.isoformat(sep=" ", timespec="seconds")}}</dd>
        <dt>Who</dt><dd>{{row.actor}}</dd>
        <dt>What</dt><dd>{{row.action}}</dd>
        <dt>Whose</dt><dd>{{row.subject or "not one user"}}</dd>
        <dt>Why</dt><dd>{{row.reason}}</dd>
        <dt>Users whose sessions ended</dt><dd>{{users}}</dd>
        <dt>Sessions that ended</dt><dd>{{ended}}</dd>
      </dl>
% if me:
      <p><a href="/login">Log in again</a></p>
% end
    </section>
