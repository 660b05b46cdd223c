-- An end of sessions returns when the standby has it on disk.
-- That needs synchronous_standby_names: without it, nothing waits.

CREATE OR REPLACE FUNCTION wait_for_standby() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL synchronous_commit = on;
  RETURN NULL;
END $$;

-- Each end, and each change of who can sign in, writes a row of the audit.
CREATE OR REPLACE TRIGGER wait_for_standby AFTER INSERT ON audit
FOR EACH STATEMENT EXECUTE FUNCTION wait_for_standby();

-- A new token, also by SQL outside the app.
CREATE OR REPLACE TRIGGER wait_for_standby AFTER UPDATE ON users
FOR EACH STATEMENT EXECUTE FUNCTION wait_for_standby();

-- The end of one session deletes its row. A login deletes rows of sessions
-- that are over: it does not wait.
CREATE OR REPLACE FUNCTION wait_if_live() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM users
    WHERE id = OLD.user_id AND session_token = OLD.session_token
  ) THEN
    SET LOCAL synchronous_commit = on;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER wait_for_standby AFTER DELETE ON sessions
FOR EACH ROW WHEN (OLD.expires_at > extract(epoch FROM now()))
EXECUTE FUNCTION wait_if_live();
