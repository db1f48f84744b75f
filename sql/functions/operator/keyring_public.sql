-- SPDX-License-Identifier: GPL-2.0-or-later
-- The public key to seal to (card-admin pins its fingerprint) and the
-- cost of new password hashes, with the rule that a password may meet besides.
CREATE OR REPLACE FUNCTION sekisho.keyring_public()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_key jsonb;
BEGIN
    SELECT jsonb_build_object('version', k.version,
               'public_key', encode(k.public_key, 'hex'),
               'opslimit', (SELECT s.value::int FROM setting s WHERE s.name = 'password.opslimit'),
               'door_chars', (SELECT s.value::int FROM setting s WHERE s.name = 'password.door_chars'),
               'memlimit_kib', (SELECT s.value::int FROM setting s WHERE s.name = 'password.memlimit_kib'))
      INTO v_key FROM keyring_key k WHERE k.status = 'current';
    IF v_key IS NULL THEN
        PERFORM refuse('keyring_unpublished');
    END IF;
    RETURN v_key;
END
$$;
REVOKE ALL ON FUNCTION sekisho.keyring_public() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.keyring_public() TO sekisho_operator, sekisho_night;
