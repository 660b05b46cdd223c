% def shown(text):
%   return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
% end
      <div class="scroll">
      <table>
        <tr><th scope="col">When (UTC)</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Whose</th><th scope="col">Why</th></tr>
% for row in rows:
        <tr><td>{{row.at.isoformat(sep=" ", timespec="seconds")}}</td><td>{{shown(row.actor or "not said")}}</td><td>{{shown(row.action)}}</td><td>{{shown(row.subject or "not one user")}}</td><td>{{shown(row.reason)}}</td></tr>
% end
      </table>
      </div>
