import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';
import { AUDITOR_ROLE, READER_ROLE, WRITER_ROLE } from '../roles';

const ALL_ROLES = `${WRITER_ROLE}, ${READER_ROLE}, ${AUDITOR_ROLE}`;
const PUBLIC_TABLES =
  'ct.entry, ct.identity, ct.tile, ct.checkpoint, ct.certificate, ct.revocation, ct.erasure, ct_crl.crl_number';

/** No role that logs in has a privilege to write any table: the writer may call the functions that do. */
export class GrantPrivileges1763971204000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(`
        GRANT USAGE ON SCHEMA ct, ct_crl TO ${ALL_ROLES};
        GRANT SELECT ON ${PUBLIC_TABLES} TO ${ALL_ROLES};
        GRANT SELECT ON ct.private_context TO ${WRITER_ROLE}, ${AUDITOR_ROLE};
        GRANT EXECUTE ON FUNCTION ct.append_entries(bytea[], bytea[], text[], bigint, bytea, text) TO ${WRITER_ROLE};
        GRANT EXECUTE ON FUNCTION ct.erase_contexts(uuid, bigint[], text, text, bytea) TO ${WRITER_ROLE};
        GRANT EXECUTE ON FUNCTION ct_crl.allocate(bytea) TO ${WRITER_ROLE};`);
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(`
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ct, ct_crl FROM ${ALL_ROLES};
        REVOKE ALL ON ALL TABLES IN SCHEMA ct, ct_crl FROM ${ALL_ROLES};
        REVOKE ALL ON SCHEMA ct, ct_crl FROM ${ALL_ROLES};`);
    });
  }
}
