% rebase("layout.tpl", title="Users", alert=alert, body="wide")
    <section>
      <form method="get" action="/admin/users">
        <label for="q">E-mail address or name, or a part of it</label>
        <input id="q" name="q" type="search" value="{{words}}">
        <button>Search</button>
      </form>
    </section>
    <section>
      <h2>{{count}} found</h2>
      <div class="scroll">
      <table>
        <tr><th scope="col">E-mail address</th><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Can sign in</th></tr>
% for user in users:
        <tr><td><a href="/admin/users/{{user.id}}">{{user.email}}</a></td><td>{{user.name}}</td><td>{{user.role}}</td><td>{{"yes" if user.active else "no"}}</td></tr>
% end
      </table>
      </div>
% include("pages.tpl", path="/admin/users", words=words, number=number, per_page=per_page, count=count)
    </section>
    <section>
      <h2>End the sessions of many</h2>
      <p>For each a page asks you first.</p>
      <ul>
% for whom, size in groups.items():
        <li><a href="/admin/everybody/{{whom}}">{{"Everybody" if whom == "all" else "The role " + whom}}</a> ({{size}})</li>
% end
      </ul>
    </section>
