-- SPDX-License-Identifier: GPL-2.0-or-later
-- Makes a keyring's newest public key the one to seal to. False if another key
-- already has that version: this node's keys are not those of the others.
CREATE OR REPLACE FUNCTION sekisho.keyring_publish(
    p_version int,
    p_public_key bytea)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    LOCK TABLE keyring_key IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM keyring_key k WHERE k.version = p_version) THEN
        RETURN EXISTS (SELECT FROM keyring_key k WHERE k.version = p_version
                          AND k.public_key = p_public_key);
    END IF;
    IF EXISTS (SELECT FROM keyring_key k WHERE k.version > p_version) THEN
        RETURN false;
    END IF;
    UPDATE keyring_key k SET status = 'old' WHERE k.status = 'current';
    INSERT INTO keyring_key (version, public_key) VALUES (p_version, p_public_key);
    INSERT INTO audit (kind, outcome, reason, detail)
    VALUES ('system', 'done', 'keyring_published', jsonb_build_object('version', p_version,
        'public_key', encode(p_public_key, 'hex')));
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.keyring_publish(int, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.keyring_publish(int, bytea) TO sekisho_clerk;
