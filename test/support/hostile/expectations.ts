import type { RawAnswer, RawRequest } from './raw-request';

export interface HarmlessOptions {
  /** Where a redirect may lead besides pages of the service. */
  readonly redirects?: readonly RegExp[];
}

/** What holds for the answer to any request whatever. */
export function expectHarmless(request: RawRequest, answer: RawAnswer, { redirects = [] }: HarmlessOptions = {}): void {
  const { status, headers } = answer;
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
  expect(headers['x-hostile']).toBeUndefined();
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{8,128}$/);
  expect(JSON.stringify(headers)).not.toContain('<hostile');
  const { location } = headers;
  if (location !== undefined && !redirects.some((target) => target.test(location))) {
    expect(location).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  }
  const type = headers['content-type'] ?? '';
  if (type.startsWith('text/html')) expectEscaped(answer.text);
  else if (status >= 400 && request.method !== 'HEAD') expectProblem(answer);
}

function expectEscaped(html: string): void {
  expect(html).not.toMatch(/<hostile/i);
  expect(html).not.toContain('" onhostile="');
  expect(html).not.toContain('997210243');
  expect(html).not.toMatch(/(href|src|action)="(javascript:|\/\/|https?:\/\/hostile)/i);
}

/** RFC 9457. */
export function expectProblem({ status, headers, text }: RawAnswer): void {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as Readonly<Record<string, unknown>>;
  expect(problem).toMatchObject({
    type: expect.any(String),
    title: expect.stringMatching(/./),
    status,
    code: expect.stringMatching(/^[a-z0-9_]+$/),
    instance: expect.stringMatching(/^\/[^?]*$/),
  });
}
