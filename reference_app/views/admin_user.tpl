% rebase("layout.tpl", title=user.email, alert=alert, body="wide")
    <section>
      <p>{{user.name}}, {{user.role}}, {{"can sign in" if user.active else "cannot sign in"}}.</p>
      <ul>
% for name, title in actions.items():
        <li><a href="/admin/users/{{user.id}}/{{name}}">{{title}}</a></li>
% end
      </ul>
    </section>
    <section>
      <h2>The newest in the audit about this address</h2>
% include("audit_table.tpl", rows=rows)
    </section>
