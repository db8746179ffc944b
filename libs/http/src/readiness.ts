import type { NextFunction, Request, Response } from 'express';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** Resolves when the thing can be used; throws or rejects with the reason otherwise, a {@link Degraded} where it can be used still. */
export type ReadinessCheck = () => Promise<void> | void;

/** What a check throws when something needs an operator and requests are to be sent all the same. */
export class Degraded extends Error {
  override readonly name = 'Degraded';
}

type CheckResult = 'ok' | 'degraded' | 'failed';

export interface ReadinessReport {
  /** `degraded` takes requests as `ready` does. */
  readonly status: 'ready' | 'degraded' | 'not_ready';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

const CHECK_TIMEOUT_MS = 3_000;

/** What a service needs before it takes requests: features register their checks, `/health/ready` asks them all. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly checks = new Map<string, ReadinessCheck>();
  private draining = false;

  register(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** A service that shuts down is not ready: load balancers send nothing new while it finishes what it has. */
  onModuleDestroy(): void {
    this.draining = true;
  }

  /**
   * Once the service shuts down every answer ends its connection: a client that stays busy on one would keep it open, and
   * the service with it.
   */
  readonly middleware = (_request: Request, response: Response, next: NextFunction): void => {
    if (this.draining) response.setHeader('Connection', 'close');
    next();
  };

  async report(): Promise<ReadinessReport> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await resultOf(check)] as const),
    );
    const has = (result: CheckResult): boolean => results.some(([, each]) => each === result);
    const status = has('failed') ? 'not_ready' : has('degraded') ? 'degraded' : 'ready';
    return { status: this.draining ? 'not_ready' : status, checks: Object.fromEntries(results) };
  }
}

async function resultOf(check: ReadinessCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('timed out'));
    }, CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([Promise.resolve().then(check), tooLate]);
    return 'ok';
  } catch (error) {
    return error instanceof Degraded ? 'degraded' : 'failed';
  } finally {
    clearTimeout(timer);
  }
}
