import { LogReader, type RevocationPageRequest } from '@libs/contracts';
import { Injectable } from '@nestjs/common';

/** Agents ask in step: within this time they share a page. */
const SHARED_FOR_MS = 1_000;
/** Agents that are as far as each other ask for one; of pages for all others no more are kept. */
const MAX_SHARED = 200;

interface SharedPage {
  readonly page: Promise<string>;
  readonly askedAt: number;
}

/**
 * Hands the log's signed pages on, unread: whoever asks checks the signature. However many agents ask, the log makes each page
 * once a second.
 */
@Injectable()
export class RevocationRelay {
  private readonly pages = new Map<string, SharedPage>();

  constructor(private readonly log: LogReader) {}

  /** @param notBefore a page that was asked for earlier (`performance.now()`) will not do: something has happened since */
  async page(request: RevocationPageRequest, notBefore = 0): Promise<string> {
    const now = performance.now();
    for (const [key, { askedAt }] of this.pages) if (now - askedAt >= SHARED_FOR_MS) this.pages.delete(key);
    const key = JSON.stringify([request.since, request.extends, request.limit]);
    const shared = this.pages.get(key);
    if (shared !== undefined && shared.askedAt >= notBefore) return shared.page;
    const page = this.log.revocationPage(request);
    if (this.pages.size < MAX_SHARED) this.pages.set(key, { page, askedAt: now });
    // A failure is not shared with whoever asks later.
    page.catch(() => this.pages.delete(key));
    return page;
  }
}
