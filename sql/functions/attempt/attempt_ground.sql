-- SPDX-License-Identifier: GPL-2.0-or-later
-- What any attempt of this name at this client rests on: client, policy and
-- person, and until when that may hold. NULL where the client is unknown or
-- removed. Called by the functions beside it.
CREATE OR REPLACE FUNCTION sekisho.attempt_ground(
    p_client uuid, p_login text, p_bucket uuid, p_now timestamptz,
    OUT v sekisho.attempt_view, OUT until timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone uuid;
    v_entry presence;
    v_minutes int;
    v_kept grace;
    v_kind text;
    v_window timestamptz;
BEGIN
    SELECT floor(extract(epoch FROM p_now)), c.version, c.rules_version, c.name, c.kind,
           c.codes, c.show_first, c.lang, coalesce(c.no_ma_until > p_now, false),
           y.methods, y.state_seconds, y.totp_window, y.session_timeout, y.idle_timeout,
           CASE WHEN c.no_ma_until > p_now THEN 'client/' || c.id
                WHEN c.kind IN ('terminal', 'door') THEN 'inside'
                ELSE 'outside' END,
           -- a login in progress ends with the exception it was begun under
           CASE WHEN c.no_ma_until > p_now THEN c.no_ma_until ELSE 'infinity' END,
           -- an entry counts at one terminal that stands in a zone, and nowhere else:
           -- not from outside, not where requests can be forged, and not where many
           -- terminals are one client, for they could not be told apart
           CASE WHEN c.kind = 'terminal' AND y.methods @> '{door}'
                 AND coalesce(c.no_ma_until <= p_now, true)
                 AND masklen(c.address) = CASE family(c.address) WHEN 4 THEN 32 ELSE 128 END
               THEN c.zone_id END,
           y.grace_minutes, y.fido2_uv, nullif(y.grants, '[]')::text, y.registered_stations
      INTO v.now_epoch, v.client_version, v.rules_version, v.client_name, v.client_kind,
           v.client_codes, v.client_show_first, v.client_lang, v.client_no_ma,
           v.policy_methods, v.state_seconds, v.totp_window, v.session_timeout, v.idle_timeout,
           v.scope, until, v_zone, v_minutes, v.fido2_uv, v.grants, v.registered_stations
      FROM client c JOIN policy y ON y.id = c.policy_id
     WHERE c.id = p_client AND c.status = 'active';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT p.id, p.version, p.lang, p.status = 'active', p.kind
      INTO v.person_id, v.person_version, v.person_lang, v.person_usable, v_kind
      FROM person p WHERE p.login = p_login;
    v.subject := coalesce(v.person_id, p_bucket);
    IF v.person_usable THEN
        -- and with the affiliation that lasts longest of today's
        SELECT least(until, max(coalesce(a.valid_until, 'infinity'))), count(*) > 0
          INTO until, v.person_usable
          FROM affiliation a
         WHERE a.person_id = v.person_id AND a.valid_from <= p_now
           AND (a.valid_until IS NULL OR a.valid_until > p_now);
    END IF;
    -- a maintenance account works in its window and nowhere else (6.8 C.2)
    IF v_kind = 'maintenance' AND v.person_usable THEN
        v_window := maintenance_open(v.person_id, p_client, p_now);
        v.person_usable := v_window IS NOT NULL;
        IF v.person_usable THEN
            until := least(until, v_window);
            v.session_timeout := least(coalesce(nullif(v.session_timeout, 0), 604800),
                greatest(ceil(extract(epoch FROM v_window - p_now)), 1)::int);
        END IF;
    END IF;
    v.door_counts := v_zone IS NOT NULL;
    IF v.door_counts AND v.person_id IS NOT NULL THEN
        v_entry := presence_of(v.person_id, p_now, true);
        IF v_entry.zone_id = v_zone AND v_entry.fault IS NULL THEN
            v.door_fault := CASE
                WHEN NOT password_fits_door(v.person_id) THEN 'password_too_short_for_door'
                WHEN presence_in_use(v_entry.event_id, p_client) THEN 'presence_in_use' END;
        END IF;
        IF v_entry.zone_id = v_zone AND v_entry.fault IS NULL AND v.door_fault IS NULL THEN
            v.door_event := v_entry.event_id;
            v.door_category := v_entry.category;
            v.door_at := floor(extract(epoch FROM v_entry.since));
            v.door_until := floor(extract(epoch FROM v_entry.until));
            v.door_name := v_entry.door;
        END IF;
    END IF;
    IF v_minutes > 0 AND v.door_event IS NULL AND v.person_id IS NOT NULL THEN
        v_kept := grace_of(v.person_id, p_client, p_now);
        IF v_kept.audit_id IS NOT NULL THEN
            v.earlier := v_kept.audit_id;
            v.earlier_category := v_kept.evidence ->> 'category';
            v.earlier_method := v_kept.evidence ->> 'method';
            v.earlier_at := floor(extract(epoch FROM v_kept.at));
            v.earlier_until := floor(extract(epoch FROM v_kept.at + make_interval(mins => v_minutes)));
            v.earlier_token := v_kept.evidence ->> 'token';
            v.earlier_label := v_kept.evidence ->> 'label';
        END IF;
    END IF;
    v.familiar := false;
    v.knowledge_wait := 0;
    v.possession_wait := 0;
    v.state_found := false;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_ground(uuid, text, uuid, timestamptz) FROM PUBLIC;
