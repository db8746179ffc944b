import { randomInt } from 'node:crypto';
import { Pool } from 'undici';
import type { FrontendCredentials } from './frontend-data';
import { type LoadResult, sustain } from './load';

/** A kind of request that the frontend is asked, and the answer that it must give. */
export interface Workload {
  readonly name: string;
  readonly inFlight: number;
  readonly request: (n: number) => Promise<void>;
}

const FIRST_NAMES = ['anna', 'bela', 'chen', 'dmitri', 'edda', 'farid', 'hana'];

/** What is measured, each by itself; download links are used up as they are measured. */
export class FrontendLoad {
  private readonly pool: Pool;
  private spent = 0;

  constructor(
    url: string,
    private readonly credentials: FrontendCredentials,
  ) {
    this.pool = new Pool(url, { connections: 64, pipelining: 1 });
  }

  workloads(): readonly Workload[] {
    const { apiToken, accessToken, wrongPsk } = this.credentials;
    const get = (path: string, bearer?: string) => this.request(path, bearer, 200);
    return [
      { name: 'health', inFlight: 16, request: () => get('/health') },
      { name: 'landing_page', inFlight: 16, request: () => get('/') },
      { name: 'crl', inFlight: 16, request: () => get('/crl.pem') },
      { name: 'profile_downloads', inFlight: 16, request: () => get(`/download/${this.nextToken()}`) },
      { name: 'psk_rejection', inFlight: 16, request: () => this.request('/api/v1/server/bundle', wrongPsk, 401) },
      { name: 'my_certificates', inFlight: 1, request: () => get('/api/v1/me/certificates', accessToken) },
      { name: 'admin_search', inFlight: 1, request: (n) => get(`/api/v1/admin/certificates?${search(n)}`, apiToken) },
    ];
  }

  async measure({ inFlight, request }: Workload, seconds: number): Promise<LoadResult> {
    return sustain(inFlight, seconds, request);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private nextToken(): string {
    const token = this.credentials.downloadTokens[this.spent];
    if (token === undefined) throw new Error('there are too few download links for a machine as fast as this');
    this.spent += 1;
    return token;
  }

  private async request(path: string, bearer: string | undefined, expected: number): Promise<void> {
    const headers = { 'x-forwarded-proto': 'https', ...(bearer && { authorization: `Bearer ${bearer}` }) };
    const { statusCode, body } = await this.pool.request({ method: 'GET', path, headers });
    const text = await body.text();
    if (statusCode !== expected) throw new Error(`${path.slice(0, 20)} was answered with ${statusCode}: ${text}`);
    if (path.startsWith('/download') && !text.includes('<cert>')) throw new Error('a download is no profile');
  }
}

/** What administrators look for, one after the other. */
function search(n: number): string {
  const name = FIRST_NAMES[randomInt(FIRST_NAMES.length)] ?? '';
  const searches = ['', 'status=valid', 'status=revoked', 'type=server', `subject=${name}`, 'status=expired'];
  return searches[n % searches.length] ?? '';
}
