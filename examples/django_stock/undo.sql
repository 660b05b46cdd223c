DELETE FROM django_session;
DROP TABLE logout_everywhere_sessiontoken;
DELETE FROM django_migrations WHERE app = 'logout_everywhere';
