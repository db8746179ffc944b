import { Client, type ClientConfig, type QueryResult } from 'pg';

type Answered = (error: Error | null | undefined, result: QueryResult) => void;

/** pg's client with all its forms of `query` as one. */
interface Sender {
  query(config: unknown, values?: unknown, callback?: Answered): unknown;
}

const Base = Client as unknown as new (config?: ClientConfig) => Sender;

/**
 * pg's client, which promises its answers another way. What pg promises itself holds on to the rows until V8's next full collection
 * (measured: one in 450 queries of 50 rows, and young-generation collections of 8 ms instead of 0.3 ms); what is promised from its
 * callback does not.
 */
export class PostgresClient extends Base {
  override query(config: unknown, values?: unknown, callback?: Answered): unknown {
    if (callback !== undefined || typeof values === 'function' || isSubmittable(config)) {
      return super.query(config, values, callback);
    }
    return new Promise((resolve, reject) => {
      super.query(config, values, (error, result) => {
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      });
    });
  }
}

/** What brings its own way of answering, as a COPY does. */
function isSubmittable(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'submit' in config;
}
