\set provider random(1, {providers})
\set patient random(1, {patients})
\set minutes random(0, 364) * 1440 + 480 + random(0, 39) * 15
WITH made AS (
    INSERT INTO least.appointment (id, provider, patient, during)
    SELECT gen_random_uuid(), :provider, :patient, tstzrange(start, start + interval '15 min')
      FROM (SELECT timestamptz '2030-01-01 00:00+00' + make_interval(mins => :minutes)) v (start)
        ON CONFLICT DO NOTHING
    RETURNING id
), told AS (
    INSERT INTO least.outbox (name, subject, body)
    SELECT 'AppointmentHeld', id, {body} FROM made
), noted AS (
    INSERT INTO least.audit (actor, action, subject)
    SELECT :patient, 'AppointmentHeld', id FROM made
)
SELECT count(*) FROM made;
