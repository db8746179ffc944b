import type { Logger } from 'pino';

/** What may be wrong while the agent goes on with what it has. The codes stand in reports and metrics. */
export const PROBLEM_CODES = [
  'manager_unreachable',
  'credential_refused',
  'page_invalid',
  'log_shrunk',
  'log_forked',
  'feed_stale',
  'files_not_written',
  'crl_not_written',
  'crl_unavailable',
  'crl_invalid',
  'crl_older',
  'crl_unknown_ca',
  'crl_lags',
  'crl_expires',
  'management_unreachable',
  'session_not_cut',
  'report_not_accepted',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Something went wrong in a way that has a name. `message` is a sentence without its full stop. */
export class AgentProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What is wrong at the moment. Each problem is logged when it begins, when its text changes, and when it ends. */
export class Problems {
  private readonly present = new Map<ProblemCode, string>();

  constructor(private readonly logger: Logger) {}

  get codes(): readonly ProblemCode[] {
    return PROBLEM_CODES.filter((code) => this.present.has(code));
  }

  raise(code: ProblemCode, detail: string): void {
    if (this.present.get(code) === detail) return;
    this.present.set(code, detail);
    this.logger.error({ problem: code, detail }, 'problem');
  }

  clear(...codes: readonly ProblemCode[]): void {
    for (const code of codes) if (this.present.delete(code)) this.logger.info({ problem: code }, 'problem over');
  }

  /** Raises what an error stands for; errors without a name of their own count as `otherwise`. */
  raiseFor(error: unknown, otherwise: ProblemCode): void {
    if (error instanceof AgentProblem) this.raise(error.code, error.message);
    else this.raise(otherwise, reasonOf(error));
  }
}

/** The last link of the chain of causes says what happened. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
