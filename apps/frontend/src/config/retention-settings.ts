import type { EnvironmentReader } from '@libs/config';

export interface RetentionSettings {
  /** `external`: nothing is deleted by the service itself, a scheduler runs `npm run retention`. */
  readonly mode: 'internal' | 'external';
  readonly intervalSeconds: number;
  /** How long what has come to an end is kept: links, API tokens, issuances. */
  readonly days: number;
}

export function retentionSettings(env: EnvironmentReader): RetentionSettings {
  return Object.freeze({
    mode: env.oneOf('RETENTION', ['internal', 'external'], 'internal'),
    intervalSeconds: env.integer('RETENTION_INTERVAL_SECONDS', { default: 600, min: 1, max: 86_400 }),
    days: env.integer('RETENTION_DAYS', { default: 90, min: 1, max: 3_650 }),
  });
}
