-- The least a safe booking needs: an appointment that no other of its provider or patient
-- overlaps, a message for what follows from it, and a note of who did it.
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE SCHEMA least;

CREATE TABLE least.provider (id int PRIMARY KEY);
CREATE TABLE least.patient (id int PRIMARY KEY);
CREATE TABLE least.appointment (
    id       uuid PRIMARY KEY,
    provider int NOT NULL REFERENCES least.provider,
    patient  int NOT NULL REFERENCES least.patient,
    during   tstzrange NOT NULL,
    status   smallint NOT NULL DEFAULT 1,
    made_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT provider_once
        EXCLUDE USING gist (provider WITH =, during WITH &&) WHERE (status = 1),
    CONSTRAINT patient_once
        EXCLUDE USING gist (patient WITH =, during WITH &&) WHERE (status = 1)
);
CREATE TABLE least.outbox (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text NOT NULL,
    subject uuid NOT NULL,
    body    jsonb NOT NULL,
    done_at timestamptz
);
CREATE INDEX outbox_open ON least.outbox (id) WHERE done_at IS NULL;
CREATE TABLE least.audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   int NOT NULL,
    action  text NOT NULL,
    subject uuid NOT NULL
);
CREATE INDEX audit_subject ON least.audit (subject);

INSERT INTO least.provider SELECT generate_series(1, {providers});
INSERT INTO least.patient SELECT generate_series(1, {patients});
INSERT INTO least.appointment (id, provider, patient, during)
SELECT gen_random_uuid(),
       1 + floor(random() * {providers})::int,
       1 + floor(random() * {patients})::int,
       tstzrange(start, start + interval '15 min')
  FROM generate_series(1, {existing}),
       LATERAL (SELECT timestamptz '2030-01-01 08:00+00'
                       + floor(random() * 365) * interval '1 day'
                       + floor(random() * 40) * interval '15 min'
                       + generate_series * interval '0' AS start) AS visit
    ON CONFLICT DO NOTHING;
VACUUM ANALYZE least.provider, least.patient, least.appointment;
