import { refuseDataLoss } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';
import { FROZEN_TABLES, GUARDED_TABLES } from '../guard';

/** Tables whose rows are about an entry. */
const ABOUT_ENTRIES = ['ct.identity', 'ct.certificate', 'ct.revocation', 'ct.private_context', 'ct.erasure'];

/**
 * Triggers that refuse UPDATE, DELETE and TRUNCATE to everybody, the owner included, and stay on in a session that calls
 * itself a replica. A private context may go, but only once a row that never goes says who erased it and why.
 */
export class FreezeLog1763971202000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(REFUSE_CHANGE);
      for (const table of FROZEN_TABLES) await queryRunner.query(freeze(table));
      await queryRunner.query(LET_GO_OF_RECORDED_CONTEXTS);
      await queryRunner.query(CONTIGUITY);
      await queryRunner.query(CHECK_POSITIONS);
      for (const table of ABOUT_ENTRIES) await queryRunner.query(checkPositions(table));
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      // Taking the protection from a log that holds entries would be the first step of rewriting it.
      await refuseDataLoss(queryRunner, ...GUARDED_TABLES);
      await queryRunner.query(`
        DROP TRIGGER entry_is_contiguous ON ct.entry;
        DROP TRIGGER checkpoint_covers_entries ON ct.checkpoint;
        DROP FUNCTION ct.check_contiguity(), ct.check_checkpoint();`);
      for (const table of ABOUT_ENTRIES) await queryRunner.query(`DROP TRIGGER is_about_entries ON ${table}`);
      await queryRunner.query('DROP FUNCTION ct.check_positions()');
      for (const table of FROZEN_TABLES) await queryRunner.query(unfreeze(table));
      await queryRunner.query(`
        DROP TRIGGER refuse_unrecorded_erasure ON ct.private_context;
        ${unfreeze('ct.private_context')}
        DROP FUNCTION ct.refuse_unrecorded_erasure(), ct.refuse_change();`);
    });
  }
}

const REFUSE_CHANGE = `
CREATE FUNCTION ct.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the log only grows: % of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'CT010';
END $$;
`;

/** Per row as well as per statement: a partition, a child table or a rule could lead a statement past the latter. */
function freeze(table: string): string {
  return `
    CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION ct.refuse_change();
    CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ct.refuse_change();
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ct.refuse_change();
    ALTER TABLE ${table} ENABLE ALWAYS TRIGGER refuse_row_change;
    ALTER TABLE ${table} ENABLE ALWAYS TRIGGER refuse_change;
    ALTER TABLE ${table} ENABLE ALWAYS TRIGGER refuse_truncate;`;
}

const LET_GO_OF_RECORDED_CONTEXTS = `
CREATE FUNCTION ct.refuse_unrecorded_erasure() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM ct.erasure WHERE idx = OLD.idx) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'a private context is erased through ct.erase_contexts only' USING ERRCODE = 'CT010';
END $$;
CREATE TRIGGER refuse_unrecorded_erasure BEFORE DELETE ON ct.private_context
  FOR EACH ROW EXECUTE FUNCTION ct.refuse_unrecorded_erasure();
CREATE TRIGGER refuse_row_change BEFORE UPDATE ON ct.private_context
  FOR EACH ROW EXECUTE FUNCTION ct.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE ON ct.private_context
  FOR EACH STATEMENT EXECUTE FUNCTION ct.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ct.private_context
  FOR EACH STATEMENT EXECUTE FUNCTION ct.refuse_change();
ALTER TABLE ct.private_context ENABLE ALWAYS TRIGGER refuse_unrecorded_erasure;
ALTER TABLE ct.private_context ENABLE ALWAYS TRIGGER refuse_row_change;
ALTER TABLE ct.private_context ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE ct.private_context ENABLE ALWAYS TRIGGER refuse_truncate;
`;

function unfreeze(table: string): string {
  return `
    DROP TRIGGER refuse_row_change ON ${table};
    DROP TRIGGER refuse_change ON ${table};
    DROP TRIGGER refuse_truncate ON ${table};`;
}

/** An insert that leaves a gap, or a checkpoint of another size than the log's, is refused whoever makes it. */
const CONTIGUITY = `
CREATE FUNCTION ct.check_contiguity() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head bigint := coalesce((SELECT max(size) FROM ct.checkpoint), 0);
  added record;
BEGIN
  SELECT count(*) AS n, min(idx) AS lowest, max(idx) AS highest INTO added FROM inserted;
  IF added.n > 0 AND (added.lowest <> head OR added.highest <> head + added.n - 1) THEN
    RAISE EXCEPTION 'entries % to % do not follow a log of % entries', added.lowest, added.highest, head
      USING ERRCODE = 'CT011';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_is_contiguous AFTER INSERT ON ct.entry
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION ct.check_contiguity();
ALTER TABLE ct.entry ENABLE ALWAYS TRIGGER entry_is_contiguous;

CREATE FUNCTION ct.check_checkpoint() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.size IS DISTINCT FROM (SELECT max(idx) + 1 FROM ct.entry) THEN
    RAISE EXCEPTION 'a checkpoint of size % does not cover the log', NEW.size USING ERRCODE = 'CT011';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER checkpoint_covers_entries AFTER INSERT ON ct.checkpoint
  FOR EACH ROW EXECUTE FUNCTION ct.check_checkpoint();
ALTER TABLE ct.checkpoint ENABLE ALWAYS TRIGGER checkpoint_covers_entries;
`;

/** Entries have no gaps and never go, so a position below the log's size is one of an entry. */
const CHECK_POSITIONS = `
CREATE FUNCTION ct.check_positions() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  last bigint := coalesce((SELECT max(idx) FROM ct.entry), -1);
BEGIN
  IF EXISTS (SELECT FROM inserted WHERE idx NOT BETWEEN 0 AND last) THEN
    RAISE EXCEPTION 'a row of % is about an entry that is not there', TG_TABLE_NAME USING ERRCODE = 'CT011';
  END IF;
  RETURN NULL;
END $$;
`;

function checkPositions(table: string): string {
  return `
    CREATE TRIGGER is_about_entries AFTER INSERT ON ${table}
      REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION ct.check_positions();
    ALTER TABLE ${table} ENABLE ALWAYS TRIGGER is_about_entries;`;
}
