import type { NextFunction, Request, Response } from 'express';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** Resolves when the thing can be used; throws or rejects with the reason otherwise. */
export type ReadinessCheck = () => Promise<void> | void;

export interface ReadinessReport {
  readonly status: 'ready' | 'not_ready';
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
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
      [...this.checks].map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const ready = !this.draining && results.every(([, ok]) => ok);
    return {
      status: ready ? 'ready' : 'not_ready',
      checks: Object.fromEntries(results.map(([name, ok]) => [name, ok ? 'ok' : 'failed'])),
    };
  }
}

async function passes(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('timed out'));
    }, CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([Promise.resolve().then(check), tooLate]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
