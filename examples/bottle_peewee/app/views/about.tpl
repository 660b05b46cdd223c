% rebase("layout.tpl", title="About", alert=alert)
  <p>Everybody can read this page.</p>
% if user:
  <p>Signed in as {{user.email}}.</p>
% end
