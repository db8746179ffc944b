import {
  EnvironmentReader,
  listenerSettings,
  poolSettings,
  type Environment,
  type FailPointSetting,
  type ListenerSettings,
  type PoolSettings,
  type Variables,
} from '@libs/config';
import { failPoints } from '../fail-points';
import type { CheckpointKeys } from '../log-key';

/** Everything that the certificate transparency service reads from its environment. */
export class CertTransparencyConfig {
  readonly environment: Environment;
  readonly listener: ListenerSettings;
  /** The runtime role: SELECT, and EXECUTE on the write gate. */
  readonly databaseUrl: string;
  /** The role that runs migrations; it may become the owner. */
  readonly migratorDatabaseUrl: string;
  readonly pool: PoolSettings;
  /** Keys of the signing service: append entries, allocate CRL numbers. */
  readonly writerKeys: readonly string[];
  /** Keys of whoever may read: the frontend, monitors. Writers may read as well. */
  readonly readerKeys: readonly string[];
  /** Keys of whoever may erase private contexts. Empty: nobody may. */
  readonly eraserKeys: readonly string[];
  /** `PRIVATE+KEY+<name>+<id>+<key>`: they sign checkpoints; their name is the log's origin. */
  readonly checkpointKeys: CheckpointKeys;
  /** Keeps the last checkpoint that was released, on another volume than the database. Undefined: in memory only. */
  readonly anchorFile: string | undefined;
  /** Entries that may wait for the sequencer before callers are told to come back. */
  readonly maxQueuedEntries: number;
  /** For tests alone: where the process is to die. */
  readonly failPoint: FailPointSetting | undefined;

  private constructor(env: EnvironmentReader) {
    this.environment = env.environment;
    this.listener = listenerSettings(env, 'CT', 8800);
    this.databaseUrl = env.databaseUrl('CT_DATABASE_URL', { sqlite: false });
    this.migratorDatabaseUrl = env.databaseUrl('CT_MIGRATOR_DATABASE_URL', { sqlite: false });
    this.pool = poolSettings(env, 'CT');
    this.writerKeys = env.secrets('CT_WRITER_KEYS');
    this.readerKeys = env.secrets('CT_READER_KEYS');
    this.eraserKeys = env.optionalString('CT_ERASER_KEYS') === undefined ? [] : env.secrets('CT_ERASER_KEYS');
    this.checkpointKeys = Object.freeze({
      current: env.secret('CT_CHECKPOINT_KEY'),
      next: env.optionalString('CT_NEXT_CHECKPOINT_KEY'),
      former: env.list('CT_FORMER_VERIFIER_KEYS', []),
    });
    // Production must have one: without it, a database that was restored from a backup goes unnoticed.
    this.anchorFile = env.isProduction ? env.string('CT_ANCHOR_FILE') : env.optionalString('CT_ANCHOR_FILE');
    this.maxQueuedEntries = env.integer('CT_MAX_QUEUED_ENTRIES', { default: 4096, min: 1, max: 100_000 });
    this.failPoint = failPoints.setting(env, 'CT_FAIL_POINT');
    if (this.writerKeys.some((key) => this.readerKeys.includes(key))) {
      env.problem('CT_WRITER_KEYS and CT_READER_KEYS share a key: a reader could write');
    }
    if (this.eraserKeys.some((key) => this.readerKeys.includes(key) || this.writerKeys.includes(key))) {
      env.problem('CT_ERASER_KEYS shares a key with CT_WRITER_KEYS or CT_READER_KEYS: another could erase');
    }
  }

  /** @throws ConfigurationError naming every problem */
  static from(variables: Variables): CertTransparencyConfig {
    const env = new EnvironmentReader(variables);
    const config = Object.freeze(new CertTransparencyConfig(env));
    env.finish();
    return config;
  }
}
