import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { CHROMIUM } from './prerequisites';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Download {
  readonly fileName: string;
  readonly text: string;
}

/** A real browser with an empty profile of its own. What its console calls an error is kept. */
export class BrowserSession {
  readonly errors: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${message.location().url}: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      this.errors.push(error.message);
    });
    page.setDefaultTimeout(10_000);
  }

  static async start(): Promise<BrowserSession> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-browser-'));
    try {
      const context = await chromium.launchPersistentContext(folder, {
        executablePath: CHROMIUM,
        args: FLAGS,
        acceptDownloads: true,
        viewport: { width: 1280, height: 900 },
      });
      return new BrowserSession(folder, context, context.pages()[0] ?? (await context.newPage()));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Does what starts a download, and waits for the file. */
  async download(start: () => Promise<void>): Promise<Download> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), start()]);
    return { fileName: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
