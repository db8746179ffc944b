import { refuseDataLoss } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';

/**
 * Erasing private contexts, and the record of it, which is as frozen as the log: whose context is gone, who erased it and
 * why stays known. Who did stands there as a commitment, since that is a person as well.
 */
export class CreateErasures1763971201800 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(ERASURE);
      await queryRunner.query(ERASE_CONTEXTS);
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await refuseDataLoss(queryRunner, 'ct.erasure');
      await queryRunner.query(`
        DROP FUNCTION ct.erase_contexts(uuid, bigint[], text, text, bytea);
        DROP TABLE ct.erasure;`);
    });
  }
}

const ERASURE = `
CREATE TABLE ct.erasure (
  idx bigint CONSTRAINT erasure_pkey PRIMARY KEY,
  request uuid NOT NULL,
  reason text NOT NULL CONSTRAINT erasure_reason_check CHECK (char_length(reason) BETWEEN 1 AND 200),
  actor_commitment bytea NOT NULL CONSTRAINT erasure_actor_commitment_check CHECK (octet_length(actor_commitment) = 32),
  erased_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX erasure_request_idx ON ct.erasure (request);
`;

/**
 * Erases the contexts of the given entries, or of one user's, and answers whose it erased: at most 10,000, so whoever gets
 * that many asks again. The record comes first: without it, the table refuses to let a row go.
 */
const ERASE_CONTEXTS = `
CREATE FUNCTION ct.erase_contexts(
  p_request uuid, p_indexes bigint[], p_user_id text, p_reason text, p_actor_commitment bytea
) RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM ct.check_session();
  IF (p_indexes IS NULL) = (p_user_id IS NULL) THEN
    RAISE EXCEPTION 'an erasure names either entries or a user' USING ERRCODE = 'CT013';
  END IF;
  INSERT INTO ct.erasure (idx, request, reason, actor_commitment)
    SELECT idx, p_request, p_reason, p_actor_commitment FROM ct.private_context
    WHERE idx = ANY (p_indexes) OR user_id = p_user_id ORDER BY idx LIMIT 10000
    ON CONFLICT DO NOTHING;
  RETURN QUERY DELETE FROM ct.private_context c USING ct.erasure e WHERE e.request = p_request AND c.idx = e.idx
    RETURNING c.idx;
END $$;
`;
