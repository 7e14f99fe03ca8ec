-- Every statement on the ledger's own tables, by name. {where} and {order} are filled by store.py
-- from its own fixed words, never from values.

-- name: append
INSERT INTO entry (seq, hash, text, kind, of) VALUES (?, ?, ?, ?, ?)

-- name: head
SELECT seq, hash, at FROM entry ORDER BY seq DESC LIMIT 1

-- name: entry
SELECT seq, hash, text FROM entry WHERE seq = ?

-- name: page
SELECT e.seq, e.hash, e.text
FROM (SELECT seq FROM entry WHERE {where} ORDER BY seq {order} LIMIT :limit) AS chosen
CROSS JOIN entry AS e ON e.seq = chosen.seq
ORDER BY e.seq {order}

-- name: range
SELECT seq, hash, text FROM {schema}entry NOT INDEXED WHERE seq > ? AND seq <= ? ORDER BY seq

-- name: probe
INSERT INTO probe (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at

-- name: projections
SELECT name, digest, objects, seq FROM projection

-- name: projection_made
INSERT INTO projection (name, digest, objects, seq) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, objects = excluded.objects, seq = excluded.seq

-- name: projection_reached
UPDATE projection SET seq = ? WHERE name = ?

-- name: objects
SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'

-- name: person
SELECT id, key FROM sealed_person WHERE person = ?

-- name: person_new
INSERT INTO sealed_person (person, id, key) VALUES (?, ?, ?)

-- name: person_erase
DELETE FROM sealed_person WHERE person = ?

-- name: sealed_new
INSERT INTO sealed_value (commitment, id, salt, nonce, ciphertext) VALUES (?, ?, ?, ?, ?)

-- name: sealed
SELECT p.key, v.salt, v.nonce, v.ciphertext
FROM sealed_value AS v JOIN sealed_person AS p ON p.id = v.id
WHERE v.commitment = ? AND v.id = ?
