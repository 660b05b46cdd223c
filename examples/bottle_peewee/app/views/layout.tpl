<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{title}}</title></head>
<body>
  <h1>{{title}}</h1>
% if alert:
  <p role="alert">{{alert}}</p>
% end
{{!base}}
</body>
</html>
