-- The passwords with which the app and the standby come.
ALTER ROLE app PASSWORD '{APP_PASSWORD}';
ALTER ROLE standby PASSWORD '{STANDBY_PASSWORD}';
