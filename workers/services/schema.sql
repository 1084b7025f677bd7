-- What the workloads write. Without unique keys: work done twice must show as two rows.
-- Processes that start together take turns: IF NOT EXISTS alone fails when two create at once.
SELECT pg_advisory_xact_lock(202);
CREATE TABLE IF NOT EXISTS post_statistics (job_id uuid, author text, words integer, at timestamptz DEFAULT now());
CREATE TABLE IF NOT EXISTS analytics (job_id uuid, item_id integer, user_id integer, at timestamptz DEFAULT now());
CREATE TABLE IF NOT EXISTS processed (job_id uuid, data text, at timestamptz DEFAULT now());
CREATE TABLE IF NOT EXISTS uploads (job_id uuid, rows integer, bytes integer, at timestamptz DEFAULT now());
CREATE TABLE IF NOT EXISTS orders (job_id uuid, email text, item_id integer, pieces integer, at timestamptz DEFAULT now());
-- What the deduplicated variants claim, by a key of its own.
CREATE TABLE IF NOT EXISTS claims (job_id uuid, step smallint, PRIMARY KEY (job_id, step));
-- Jobs that are committed with a request's own row, until a relay has sent them to the broker.
CREATE TABLE IF NOT EXISTS outbox (id bigserial PRIMARY KEY, message text NOT NULL, sent_at timestamptz);
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
