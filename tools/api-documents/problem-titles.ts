import { STATUS_CODES } from 'node:http';
import ts from 'typescript';

/** What Express, Nest and the clients of other services make up as they go, and no literal in the code says. */
const COMPUTED: Readonly<Record<string, readonly [status: number, title: string]>> = {
  bad_request: [400, 'The request, its address or its body cannot be read'],
  payload_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body comes in an encoding or character set that is not understood'],
  signing_unavailable: [503, 'The signing service does not answer'],
  certtransparency_unavailable: [503, 'The certificate log does not answer'],
  csrf_token_invalid: [403, 'The CSRF token is missing or wrong'],
  csr_malformed: [422, 'The signing request is not a PKCS#10 in PEM'],
  csr_key_not_accepted: [422, 'The key of the signing request is of a kind or size that is not certified'],
  csr_signature_not_accepted: [422, 'The signing request is signed with an algorithm that is not accepted'],
  csr_signature_invalid: [422, 'The signing request is not signed by its own key'],
  invalid_grant: [400, 'The code is unknown, has expired, was used, or belongs to another program'],
  unsupported_grant_type: [400, 'The grant type is none of those that are known here'],
  authorization_pending: [400, 'Nobody has decided yet: ask again after the interval'],
  slow_down: [400, 'Asked too soon: wait five seconds longer from now on'],
  expired_token: [400, 'Nobody decided in time: begin again'],
  served_elsewhere: [403, 'This is served at the address of the other frontend, which `url` names'],
};

/** A program is told so by the token endpoint, everybody else by 403. */
const ALSO: ReadonlySet<string> = new Set(['access_denied 400']);

/** The problem codes that the code knows, with status and title. */
export class ProblemTitles {
  private readonly known = new Map<string, string>();

  constructor(program: ts.Program) {
    for (const [code, [status, title]] of Object.entries(COMPUTED)) this.known.set(`${code} ${String(status)}`, title);
    for (const file of program.getSourceFiles()) {
      if (!file.isDeclarationFile && !file.fileName.includes('/node_modules/')) this.collect(file);
    }
  }

  /** @throws Error for a code that no error of this status has: it has been renamed, or was never there */
  titleOf(code: string, status: number): string {
    const key = `${code} ${String(status)}`;
    const title = this.known.get(key) ?? (ALSO.has(key) ? STATUS_CODES[status] : undefined);
    if (title === undefined) throw new Error(`no error has the code ${code} and the status ${String(status)}`);
    return title;
  }

  private collect(node: ts.Node): void {
    if (ts.isObjectLiteralExpression(node)) this.note(node);
    ts.forEachChild(node, (child) => this.collect(child));
  }

  private note(literal: ts.ObjectLiteralExpression): void {
    const [code, status, title] = ['code', 'status', 'title'].map((name) => literalIn(literal, name));
    if (code === undefined || status === undefined || title === undefined) return;
    if (!this.known.has(`${code} ${status}`)) this.known.set(`${code} ${status}`, title);
  }
}

function literalIn(object: ts.ObjectLiteralExpression, name: string): string | undefined {
  const found = object.properties.find(
    (property) => ts.isPropertyAssignment(property) && property.name.getText() === name,
  );
  const value = found !== undefined && ts.isPropertyAssignment(found) ? found.initializer : undefined;
  return value !== undefined && (ts.isStringLiteralLike(value) || ts.isNumericLiteral(value)) ? value.text : undefined;
}
