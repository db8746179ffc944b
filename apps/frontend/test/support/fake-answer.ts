import type { ServerResponse } from 'node:http';

/** Answers with a JSON document, unless there was an answer before. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
