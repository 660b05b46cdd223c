% from urllib.parse import urlencode
      <p class="buttons">
% if number > 1:
        <a href="{{path}}?{{urlencode(dict(q=words, page=number - 1))}}">Previous page</a>
% end
% if number * per_page < count:
        <a href="{{path}}?{{urlencode(dict(q=words, page=number + 1))}}">Next page</a>
% end
      </p>
