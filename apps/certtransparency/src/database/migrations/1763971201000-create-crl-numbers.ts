import { refuseDataLoss } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';

/**
 * CRL numbers and thisUpdate times, strictly increasing for each issuer (RFC 5280 §5.2.3). A schema of their own, since a
 * number is allocated before its CRL exists and so before there is an entry about it.
 */
export class CreateCrlNumbers1763971201000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(`
        CREATE SCHEMA ct_crl;
        CREATE TABLE ct_crl.crl_number (
          issuer bytea CONSTRAINT crl_number_issuer_check CHECK (octet_length(issuer) = 32),
          number bigint CONSTRAINT crl_number_number_check CHECK (number > 0),
          this_update timestamptz(3) NOT NULL,
          CONSTRAINT crl_number_pkey PRIMARY KEY (issuer, number)
        );`);
      await queryRunner.query(ALLOCATE);
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await refuseDataLoss(queryRunner, 'ct_crl.crl_number');
      await queryRunner.query(`
        DROP FUNCTION ct_crl.allocate(bytea);
        DROP TABLE ct_crl.crl_number;
        DROP SCHEMA ct_crl;`);
    });
  }
}

/**
 * thisUpdate lies five minutes back against skewed clocks, and yet a second at least after the previous one: OpenVPN keeps
 * the older of two CRLs that were made in the same second.
 */
const ALLOCATE = `
CREATE FUNCTION ct_crl.allocate(p_issuer bytea, OUT number bigint, OUT this_update timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  previous record;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'CRL numbers are allocated under READ COMMITTED only' USING ERRCODE = 'CT001';
  END IF;
  -- One at a time, each seeing the number of the one before: statements after the lock have their own snapshot.
  PERFORM pg_advisory_xact_lock(x'4f56435254'::bigint);
  SELECT c.number, c.this_update INTO previous
    FROM ct_crl.crl_number c WHERE c.issuer = p_issuer ORDER BY c.number DESC LIMIT 1;
  INSERT INTO ct_crl.crl_number AS c
    VALUES (
      p_issuer,
      coalesce(previous.number, 0) + 1,
      greatest(previous.this_update + interval '1 second', date_trunc('second', clock_timestamp() - interval '5 minutes'))
    )
    RETURNING c.number, c.this_update INTO number, this_update;
END $$;
`;
