-- What the rehearsal starts from: an application on Supabase that has outgrown its one school.
--
-- 120 organizations, 50,000 profiles, and three more tables with an org_id, all of whose ids are
-- text. Everything follows from the number of the row, so that each run sees the same. The ids have
-- been written by three programs, and it shows:
--
--    the web application writes them in lower case;
--    the iOS application writes them in upper case, as Swift does: every ninth profile, every
--      twentieth organization, every seventh event;
--    neither has ever been told by a key that an organization must exist: as text, some of these do
--      not match, so no key could have been added.

-- What Supabase brings with it, as far as this plan looks at it.
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
DO $$
DECLARE role text;
BEGIN
  FOREACH role IN ARRAY '{anon,authenticated,service_role}'::text[] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;

CREATE TABLE organizations (
  id         text PRIMARY KEY DEFAULT gen_random_uuid()::text,
  name       text NOT NULL,
  slug       text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN organizations.id IS 'as the application made it: not always in lower case';

CREATE TABLE profiles (
  id         text PRIMARY KEY,
  org_id     text,
  full_name  text NOT NULL,
  email      text,
  role       text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'officer', 'president')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_profiles_email ON profiles (lower(email));

CREATE TABLE events (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL,
  title      text NOT NULL,
  starts_at  timestamptz NOT NULL,
  created_by text CONSTRAINT events_created_by_fkey REFERENCES profiles ON DELETE SET NULL
);
CREATE INDEX idx_events_org_starts ON events (org_id, starts_at);

CREATE TABLE announcements (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id    text NOT NULL,
  body      text NOT NULL,
  author_id text CONSTRAINT announcements_author_id_fkey REFERENCES profiles ON DELETE SET NULL
);

CREATE TABLE volunteer_hours (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL,
  profile_id text NOT NULL CONSTRAINT volunteer_hours_profile_id_fkey REFERENCES profiles ON DELETE CASCADE,
  hours      numeric(5,2) NOT NULL CHECK (hours > 0),
  approved   boolean NOT NULL DEFAULT false
);

-- What depends on the columns that are to change, and what looks at each row.
CREATE VIEW organization_sizes AS
  SELECT o.id, o.name, count(p.id) AS profiles
  FROM organizations o LEFT JOIN profiles p ON p.org_id = o.id
  GROUP BY o.id, o.name;
COMMENT ON VIEW organization_sizes IS 'for the front page';
GRANT SELECT ON organization_sizes TO anon, authenticated;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER profiles_touch BEFORE UPDATE ON profiles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_profile ON profiles TO authenticated USING (id = auth.uid()::text);
GRANT SELECT ON organizations, events, announcements TO authenticated;
GRANT SELECT, INSERT, UPDATE ON profiles, volunteer_hours TO authenticated;
GRANT ALL ON ALL TABLES IN SCHEMA public TO service_role;

INSERT INTO organizations (id, name, slug, created_at)
SELECT CASE WHEN i % 20 = 0 THEN upper(id) ELSE id END, 'Organization ' || i, 'organization-' || i,
       timestamptz '2023-01-01 00:00+00' + i * interval '1 day'
FROM (SELECT i, md5('organization ' || i)::uuid::text AS id FROM generate_series(1, 120) i) o;

-- Every 250th profile has not joined anything yet.
INSERT INTO profiles (id, org_id, full_name, email, role, created_at, updated_at)
SELECT id, CASE WHEN i % 9 = 0 THEN upper(org_id) ELSE org_id END, 'Member ' || i,
       CASE WHEN i % 11 > 0 THEN 'Member' || i || '@example.org' END,
       CASE WHEN i <= 120 THEN 'president' WHEN i % 41 = 0 THEN 'officer' ELSE 'member' END,
       timestamptz '2024-01-01 00:00+00' + i * interval '7 minutes',
       timestamptz '2024-01-01 00:00+00' + i * interval '9 minutes'
FROM (SELECT i, md5('profile ' || i)::uuid::text AS id,
             CASE WHEN i % 250 > 0 THEN md5('organization ' || 1 + i % 120)::uuid::text END AS org_id
      FROM generate_series(1, 50000) i) p;

INSERT INTO events (org_id, title, starts_at, created_by)
SELECT CASE WHEN i % 7 = 0 THEN upper(org_id) ELSE org_id END, 'Event ' || i,
       timestamptz '2025-09-01 18:00+00' + i * interval '3 hours', CASE WHEN i % 13 > 0 THEN created_by END
FROM (SELECT i, md5('organization ' || 1 + i % 120)::uuid::text AS org_id,
             md5('profile ' || 1 + i % 120)::uuid::text AS created_by
      FROM generate_series(1, 3600) i) e;

INSERT INTO announcements (org_id, body, author_id)
SELECT md5('organization ' || 1 + i % 120)::uuid::text, 'Announcement ' || i || repeat(', and more of it', i % 30),
       md5('profile ' || 1 + i % 120)::uuid::text
FROM generate_series(1, 2400) i;

INSERT INTO volunteer_hours (org_id, profile_id, hours, approved)
SELECT md5('organization ' || 1 + i % 120)::uuid::text, md5('profile ' || i)::uuid::text, 0.5 + i % 12 * 0.25,
       i % 3 > 0
FROM generate_series(1, 50000) i WHERE i / 120 % 2 = 0;

ANALYZE;
