% rebase("layout.tpl", title="Audit", alert=alert, body="wide")
    <section>
      <form method="get" action="/admin/audit">
        <label for="q">A whole e-mail address: what this person did, and what was done to them</label>
        <input id="q" name="q" type="search" value="{{words}}">
        <button>Search</button>
      </form>
    </section>
    <section>
      <h2>{{count}} found, the newest first</h2>
% include("audit_table.tpl", rows=rows)
% include("pages.tpl", path="/admin/audit", words=words, number=number, per_page=per_page, count=count)
    </section>
