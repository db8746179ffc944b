import {
  EnvironmentReader,
  listenerSettings,
  poolSettings,
  type Environment,
  type ListenerSettings,
  type PoolSettings,
  type Variables,
} from '@libs/config';

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
  /** `PRIVATE+KEY+<name>+<id>+<key>`: signs checkpoints; its name is the log's origin. */
  readonly checkpointKey: string;
  /** Entries that may wait for the sequencer before callers are told to come back. */
  readonly maxQueuedEntries: number;

  private constructor(env: EnvironmentReader) {
    this.environment = env.environment;
    this.listener = listenerSettings(env, 'CT', 8800);
    this.databaseUrl = env.databaseUrl('CT_DATABASE_URL', { sqlite: false });
    this.migratorDatabaseUrl = env.databaseUrl('CT_MIGRATOR_DATABASE_URL', { sqlite: false });
    this.pool = poolSettings(env, 'CT');
    this.writerKeys = env.secrets('CT_WRITER_KEYS');
    this.readerKeys = env.secrets('CT_READER_KEYS');
    this.checkpointKey = env.secret('CT_CHECKPOINT_KEY');
    this.maxQueuedEntries = env.integer('CT_MAX_QUEUED_ENTRIES', { default: 4096, min: 1, max: 100_000 });
    if (this.writerKeys.some((key) => this.readerKeys.includes(key))) {
      env.problem('CT_WRITER_KEYS and CT_READER_KEYS share a key: a reader could write');
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
