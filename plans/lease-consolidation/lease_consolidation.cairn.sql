-- What the rehearsal and the demo start from: a rental database whose figures have grown in four
-- places.
--
-- 400 properties, 12,000 units, 12,000 tenants. Everything follows from the number of the row, so
-- that each run sees the same. Tenant i belongs to unit i, and i % 12 says which kind of story the
-- two have:
--
--    0  a lease that says everything, and three other tables that repeat it
--    1  a lease without deposit: only the unit knows it
--    2  a lease without rent: only tenant and tenancy know it
--    3  a former lease and a present one
--    4  no lease; the tenancy (property_tenants) knows all; every fifth of these tenancies was entered twice
--    5  no lease; the tenancy knows the rent, the tenant the kind of rental and its end
--    6  no lease; the tenancy says who lives where, the tenant's row holds the figures       (orphaned)
--    7  no lease and no tenancy: figures in the tenant's row alone                          (orphaned)
--    8  no lease and no tenancy: figures in the unit's row alone                            (orphaned)
--    9  a tenant without figures, who shares the unit of tenant i + 2
--   10  no lease; two tenancies, the former one in unit i + 1
--   11  no lease; a unit rented by two at the same time

CREATE TABLE properties (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  property_name text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE units (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  property_id    uuid NOT NULL REFERENCES properties,
  unit_number    text NOT NULL,
  rent           numeric(12,2),
  deposit        numeric(12,2),
  start_date     date,
  end_date       date,
  rent_frequency text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tenants (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  full_name         text NOT NULL,
  email             text,
  rent              numeric(12,2),
  rental_start_date date,
  rental_end_date   date,
  rental_type       text,
  rental_frequency  text,
  maintenance_fee   numeric(12,2),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE property_tenants (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  property_id    uuid NOT NULL REFERENCES properties,
  tenant_id      uuid NOT NULL REFERENCES tenants,
  unit_id        uuid REFERENCES units,
  rent_amount    numeric(12,2),
  deposit_amount numeric(12,2),
  start_date     date,
  end_date       date,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_property_tenants_tenant_id ON property_tenants (tenant_id);

-- property_id was never declared a foreign key. Tenant or unit may be unknown.
CREATE TABLE leases (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  property_id    uuid,
  unit_id        uuid CONSTRAINT leases_unit_id_fkey REFERENCES units,
  tenant_id      uuid CONSTRAINT leases_tenant_id_fkey REFERENCES tenants,
  start_date     date,
  end_date       date,
  rent_amount    numeric(12,2),
  deposit_amount numeric(12,2),
  status         text NOT NULL DEFAULT 'active' CHECK (status IN ('draft', 'active', 'ended')),
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);

-- The numbers of one story, in one place; the tables below take from it what each of them happens
-- to know.
CREATE TEMPORARY TABLE story AS
SELECT i,
       i % 12                                                AS kind,
       md5('tenant ' || i)::uuid                             AS tenant,
       md5('unit ' || i)::uuid                               AS unit,
       md5('unit ' || i + 1)::uuid                           AS next_unit,
       md5('unit ' || i + 2)::uuid                           AS shared_unit,
       md5('property ' || i % 400)::uuid                     AS property,
       md5('property ' || (i + 1) % 400)::uuid               AS next_property,
       md5('property ' || (i + 2) % 400)::uuid               AS shared_property,
       800 + i * 37 % 1500 + 0.50 * (i % 2)                  AS rent,
       (800 + i * 37 % 1500) * 2::numeric                    AS deposit,
       25 + i % 4 * 12.75                                    AS fee,
       date '2023-01-01' + i % 700                           AS since,
       CASE WHEN i % 7 = 0 THEN date '2025-01-01' + i % 500 END AS until,
       CASE i % 3 WHEN 0 THEN 'residential' WHEN 1 THEN 'commercial' ELSE 'short stay' END AS rental_type,
       CASE WHEN i % 5 > 0 THEN CASE WHEN i % 7 = 0 THEN 'weekly' ELSE 'monthly' END END  AS frequency,
       timestamptz '2024-01-01 00:00+00' + i * interval '7 minutes'                       AS entered
FROM generate_series(1, 12000) i;

INSERT INTO properties (id, property_name, created_at, updated_at)
SELECT md5('property ' || p)::uuid, 'Property ' || p, timestamptz '2023-01-01 00:00+00', timestamptz '2023-01-01 00:00+00'
FROM generate_series(0, 399) p;

INSERT INTO units (id, property_id, unit_number, rent, deposit, start_date, end_date, rent_frequency, created_at, updated_at)
SELECT unit, property, 'U-' || i,
       CASE WHEN kind IN (0, 1, 3, 8, 11) THEN rent END,
       CASE WHEN kind IN (0, 1, 8) THEN deposit END,
       CASE WHEN kind IN (0, 8) THEN since END,
       CASE WHEN kind IN (0, 8) THEN until END,
       CASE WHEN kind IN (0, 1, 8) THEN frequency END,
       entered, entered
FROM story
UNION ALL  -- the neighbour of the last tenant
SELECT md5('unit 12001')::uuid, md5('property 1')::uuid, 'U-12001', NULL, NULL, NULL, NULL, NULL,
       timestamptz '2024-01-01 00:00+00', timestamptz '2024-01-01 00:00+00';

INSERT INTO tenants (id, full_name, email, rent, rental_start_date, rental_end_date, rental_type, rental_frequency,
                     maintenance_fee, created_at, updated_at)
SELECT tenant, 'Tenant ' || i, CASE WHEN i % 11 > 0 THEN 'tenant' || i || '@example.com' END,
       CASE WHEN kind IN (0, 1, 2, 3, 4, 6, 7) THEN rent END,
       CASE WHEN kind IN (0, 2, 6, 7) THEN since END,
       CASE WHEN kind IN (0, 2, 5, 6, 7) THEN until END,
       CASE WHEN kind IN (0, 1, 2, 3, 4, 5, 6, 7, 10, 11) THEN rental_type END,
       CASE WHEN kind IN (0, 1, 2, 6, 7, 10) THEN frequency END,
       CASE WHEN kind IN (0, 1, 3, 4, 6, 7) AND i % 4 > 0 THEN fee END,
       entered, entered
FROM story;

INSERT INTO leases (id, property_id, unit_id, tenant_id, start_date, end_date, rent_amount, deposit_amount, status,
                    created_at, updated_at)
SELECT md5('lease ' || i)::uuid, property, unit, tenant, since,
       CASE WHEN kind = 0 THEN until END,
       CASE WHEN kind <> 2 THEN rent END,
       CASE WHEN kind <> 1 THEN deposit END,
       CASE WHEN kind = 0 AND until < '2026-01-15' THEN 'ended' ELSE 'active' END,
       entered, entered
FROM story WHERE kind <= 3
UNION ALL
SELECT md5('former lease ' || i)::uuid, property, unit, tenant, since - 900, since - 1, rent - 50, deposit, 'ended',
       entered - interval '900 days', entered
FROM story WHERE kind = 3;

INSERT INTO property_tenants (id, property_id, tenant_id, unit_id, rent_amount, deposit_amount, start_date, end_date,
                              created_at, updated_at)
SELECT md5('tenancy ' || i)::uuid, property, tenant, unit,
       CASE WHEN kind <> 6 THEN rent END,
       CASE WHEN kind IN (0, 3, 4, 11) THEN deposit END,
       CASE WHEN kind <> 6 THEN since END,
       CASE WHEN kind IN (0, 4) THEN until END,
       entered, entered
FROM story WHERE kind IN (0, 2, 3, 4, 5, 6, 10, 11)
UNION ALL
SELECT md5('tenancy entered twice ' || i)::uuid, property, tenant, unit, rent, deposit, since, until,
       entered + interval '1 minute', entered + interval '1 minute'
FROM story WHERE i % 60 = 4
UNION ALL
SELECT md5('former tenancy ' || i)::uuid, next_property, tenant, next_unit, rent - 100, NULL, since - 800, since - 1,
       entered - interval '800 days', entered
FROM story WHERE kind = 10
UNION ALL
SELECT md5('shared tenancy ' || i)::uuid, shared_property, tenant, shared_unit, 350, NULL, since, NULL,
       entered, entered
FROM story WHERE kind = 9;

DROP TABLE story;
ANALYZE;
