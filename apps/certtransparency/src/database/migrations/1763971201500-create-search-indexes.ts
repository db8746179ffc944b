import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';

/**
 * What the search needs beyond the keys of the tables. Each index is paid for at every append, so there is one for each
 * filter that no other serves, and most of them grow at their right edge only. When something was issued needs none: the
 * log's time never goes back, so a range of it is a range of positions.
 */
export class CreateSearchIndexes1763971201500 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(INDEXES);
      await queryRunner.query('CREATE SCHEMA ct_search');
      // Trusted: whoever may create objects in the database may install it. A server may bring it along elsewhere.
      await queryRunner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA ct_search');
      await queryRunner.query(commonNameIndex(await schemaOfTrigrams(queryRunner)));
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(`
        DROP INDEX ct.certificate_common_name_idx, ct.certificate_serial_idx, ct.certificate_issuer_idx,
          ct.certificate_kind_idx, ct.certificate_not_after_idx, ct.certificate_issuer_not_after_idx,
          ct.private_context_user_id_idx, ct.private_context_psk_id_idx;`);
      if ((await schemaOfTrigrams(queryRunner)) === 'ct_search') await queryRunner.query('DROP EXTENSION pg_trgm');
      await queryRunner.query('DROP SCHEMA ct_search');
    });
  }
}

/** Quoted as it has to be in SQL. */
async function schemaOfTrigrams(queryRunner: QueryRunner): Promise<string | undefined> {
  const [row] = (await queryRunner.query(
    "SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_trgm'",
  )) as { schema: string }[];
  return row?.schema;
}

const INDEXES = `
CREATE INDEX certificate_serial_idx ON ct.certificate (serial);
CREATE INDEX certificate_issuer_idx ON ct.certificate (issuer, idx);
CREATE INDEX certificate_kind_idx ON ct.certificate (kind, idx);
-- Ordered as expiring certificates are listed; the kind stands in it so that others are passed over without a look at them.
CREATE INDEX certificate_not_after_idx ON ct.certificate (not_after, idx, kind);
CREATE INDEX certificate_issuer_not_after_idx ON ct.certificate (issuer, not_after, idx, kind);
CREATE INDEX private_context_user_id_idx ON ct.private_context (user_id, idx) WHERE user_id IS NOT NULL;
CREATE INDEX private_context_psk_id_idx ON ct.private_context (psk_id, idx) WHERE psk_id IS NOT NULL;
`;

const commonNameIndex = (schema: string | undefined) => `
CREATE INDEX certificate_common_name_idx ON ct.certificate USING gin (common_name ${schema ?? 'ct_search'}.gin_trgm_ops);
`;
