-- SPDX-License-Identifier: GPL-2.0-or-later
-- Refuses a certificate's name that is no DNS name, or another client's.
CREATE OR REPLACE FUNCTION sekisho.client_tls_name_refuse(
    p_tls_name text,
    p_client uuid)
    RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF coalesce(p_tls_name, '') = '' THEN
        RETURN;
    END IF;
    IF length(p_tls_name) > 253 OR lower(p_tls_name) !~
            '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$' THEN
        PERFORM refuse('tls_name_invalid', p_tls_name);
    END IF;
    IF EXISTS (SELECT FROM client c WHERE c.tls_name = lower(p_tls_name) AND c.status = 'active'
                  AND c.id IS DISTINCT FROM p_client) THEN
        PERFORM refuse('tls_name_taken', p_tls_name);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_tls_name_refuse(text, uuid) FROM PUBLIC;
