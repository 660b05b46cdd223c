      <div class="scroll">
      <table>
        <tr><th scope="col">When (UTC)</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Whose</th><th scope="col">Why</th></tr>
% for row in rows:
        <tr><td>{{row.at.isoformat(sep=" ", timespec="seconds")}}</td><td>{{row.actor or "not said"}}</td><td>{{row.action}}</td><td>{{row.subject or "not one user"}}</td><td>{{row.reason}}</td></tr>
% end
      </table>
      </div>
