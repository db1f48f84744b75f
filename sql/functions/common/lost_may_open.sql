-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether what a door told of may have been a card that its holder has not got:
-- a suspended one, or one that was lost and is neither found nor returned, also
-- long after its keys were revoked, for doors go on reading its number. p_by: how
-- the door named the person (badge, login, card); p_added: since when the badge is
-- that person's.
--
-- A badge may be the lost card's unless it was added after the loss. A login tells
-- nothing of the plastic: it counts again when a newer card is proven and no badge
-- is left from before the loss. A card that is named is another than a lost one.
CREATE OR REPLACE FUNCTION sekisho.lost_may_open(
    p_person uuid, p_by text, p_added timestamptz)
    RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_suspended boolean;
    v_lost timestamptz;
BEGIN
    IF p_by = 'card' THEN
        RETURN false;
    END IF;
    SELECT bool_or(c.state = 'suspended'), max(c.lost_at) FILTER (WHERE c.state <> 'returned')
      INTO v_suspended, v_lost
      FROM token k JOIN card c ON c.token_id = k.id WHERE k.person_id = p_person;
    IF v_suspended THEN
        RETURN true;
    ELSIF v_lost IS NULL THEN
        RETURN false;
    ELSIF p_by = 'badge' THEN
        RETURN coalesce(p_added <= v_lost, true);
    END IF;
    RETURN EXISTS (SELECT FROM badge b WHERE b.person_id = p_person AND b.added_at <= v_lost)
        OR NOT EXISTS (SELECT FROM token k JOIN card_key y ON y.token_id = k.id
            WHERE k.person_id = p_person AND k.status = 'active' AND y.proven_at > v_lost
              AND y.revoked_at IS NULL);
END
$$;
REVOKE ALL ON FUNCTION sekisho.lost_may_open(uuid, text, timestamptz) FROM PUBLIC;
