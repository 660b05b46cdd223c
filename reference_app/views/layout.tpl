<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{title}} · Example app</title>
  <style>
    :root { color-scheme: light dark; --line: light-dark(#d4d9df, #3b424c);
      --card: light-dark(#ffffff, #20252c); --page: light-dark(#f4f6f8, #16191e);
      --text: light-dark(#1c2430, #e7eaee); --soft: light-dark(#566071, #a9b2bf);
      --accent: light-dark(#0b5c8a, #7cc4f0); --on-accent: light-dark(#ffffff, #10222e);
      --danger: light-dark(#a4262c, #ff9ea2); }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--text);
      font: 1rem/1.5 system-ui, sans-serif; }
    header, main { max-width: 34rem; margin: 0 auto; padding: 1rem; }
    header { color: var(--soft); padding-bottom: 0; }
    h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
    h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
      padding: 1.25rem; margin: 1rem 0; }
    section p { color: var(--soft); margin: 0 0 .75rem; }
    label { display: block; font-weight: 600; margin: .75rem 0 .25rem; }
    input { width: 100%; font: inherit; color: inherit; background: var(--page);
      padding: .55rem .7rem; border: 1px solid var(--soft); border-radius: .4rem; }
    .check { font-weight: 400; }
    .check input { width: auto; margin-right: .4rem; }
    button { font: inherit; font-weight: 600; margin-top: 1rem; padding: .55rem 1rem;
      min-height: 2.75rem; border: 1px solid var(--accent); border-radius: .4rem;
      background: var(--accent); color: var(--on-accent); cursor: pointer; }
    button.plain { background: transparent; color: var(--accent); }
    button.danger { background: transparent; color: var(--danger); border-color: var(--danger); }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .alert { border: 1px solid var(--danger); border-left-width: .4rem; border-radius: .4rem;
      padding: .75rem 1rem; color: var(--danger); background: var(--card); }
    body.wide :is(header, main) { max-width: 60rem; }
    a { color: var(--accent); }
    nav { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; }
    nav button { margin: 0; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; min-width: 44rem; text-align: left; }
    th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line);
      vertical-align: baseline; overflow-wrap: anywhere; }
    th { color: var(--soft); }
    td a, li a { display: inline-block; padding: .25rem 0; }
    dt { font-weight: 600; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
    .buttons { display: flex; flex-wrap: wrap; gap: 0 .75rem; }
  </style>
</head>
<body class="{{get('body', '')}}">
  <header>Example app
% if get("body"):
    <nav aria-label="Pages">
      <a href="/">Home</a>
      <a href="/admin/users">Users</a>
      <a href="/admin/audit">Audit</a>
      <form method="post" action="/logout"><button class="plain">Log out this browser</button></form>
    </nav>
% end
  </header>
  <main>
    <h1>{{title}}</h1>
% if alert:
    <p class="alert" role="alert">{{alert}}</p>
% end
{{!base}}
  </main>
</body>
</html>
