-- SPDX-License-Identifier: GPL-2.0-or-later
-- The next batch to be sealed, at most p_limit events of it; no row if nothing is
-- due. Only ids that nothing can come before any more: a transaction that has drawn
-- one holds the sequence (RowExclusiveLock, until it ends), so once none of those is
-- left that held it when the sequence stood at an id, all up to that id is either
-- there or never will be. It takes no lock that a login waits for.
CREATE OR REPLACE FUNCTION sekisho.audit_seal_due(p_limit int)
    RETURNS TABLE (batch bigint, first_id bigint, last_id bigint, previous bytea, at text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    m audit_mark;
    v_holders text[];
    v_full bigint;
BEGIN
    SELECT * INTO STRICT m FROM audit_mark FOR UPDATE;
    -- twice: what was marked before may be over, and what is marked now as well
    FOR turn IN 1 .. 2 LOOP
        v_holders := audit_writers();
        -- '-1/...' is a prepared transaction, which had another name before
        EXIT WHEN EXISTS (SELECT FROM unnest(v_holders) h WHERE h = ANY (m.running) OR h LIKE '-1/%');
        m.safe_id := m.mark_id;
        SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO m.mark_id FROM audit_id_seq s;
        m.running := audit_writers();
    END LOOP;
    UPDATE audit_mark SET safe_id = m.safe_id, mark_id = m.mark_id, running = m.running;

    SELECT s.batch, s.last_id, sha256(convert_to(s.statement, 'UTF8'))
      INTO audit_seal_due.batch, audit_seal_due.first_id, audit_seal_due.previous
      FROM audit_seal s ORDER BY s.batch DESC LIMIT 1;
    audit_seal_due.batch := coalesce(audit_seal_due.batch, 0) + 1;
    audit_seal_due.first_id := coalesce(audit_seal_due.first_id, 0) + 1;
    audit_seal_due.previous := coalesce(audit_seal_due.previous, decode(repeat('00', 32), 'hex'));
    IF NOT EXISTS (SELECT FROM audit a WHERE a.id BETWEEN audit_seal_due.first_id AND m.safe_id) THEN
        RETURN;
    END IF;
    SELECT a.id INTO v_full FROM audit a WHERE a.id BETWEEN audit_seal_due.first_id AND m.safe_id
     ORDER BY a.id OFFSET p_limit - 1 LIMIT 1;
    audit_seal_due.last_id := coalesce(v_full, m.safe_id);
    audit_seal_due.at := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION sekisho.audit_seal_due(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_seal_due(int) TO sekisho_clerk;
