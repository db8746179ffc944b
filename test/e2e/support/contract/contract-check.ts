import type { ApiDocument } from './api-document';
import type { Exchange } from './exchange';
import { SchemaCheck } from './schema-check';

/** Headers that no operation needs to document: every request may have them. */
const EVERYWHERE = ['accept', 'authorization', 'content-type', 'cookie', 'x-csrf-token', 'x-request-id', 'user-agent'];

/** Holds exchanges against what a case and the document promise. */
export class ContractCheck {
  private readonly schemas: SchemaCheck;

  constructor(private readonly document: ApiDocument) {
    this.schemas = new SchemaCheck(document);
  }

  /** In what the exchange is other than promised. */
  violations(exchange: Exchange): readonly string[] {
    const { promised, answer } = exchange;
    if (answer.status !== promised.status) {
      return [`answered ${String(answer.status)} instead of ${String(promised.status)}: ${shown(answer.body)}`];
    }
    const ofRequest = answer.status < 400 ? this.ofRequest(exchange) : [];
    return [...ofRequest, ...this.ofCode(exchange), ...this.ofAnswer(exchange)];
  }

  private ofRequest({ promised: { operation }, request }: Exchange): readonly string[] {
    const { parameters = [] } = this.document.operation(operation);
    const documented = (place: string) => parameters.filter((parameter) => parameter.in === place);
    const found: string[] = [];
    for (const place of ['path', 'query'] as const) {
      const names = documented(place).map(({ name }) => name);
      for (const name of Object.keys(request[place])) {
        if (!names.includes(name)) found.push(`sent the undocumented ${place} parameter ${name}`);
      }
      for (const { name, required } of documented(place)) {
        if (required === true && request[place][name] === undefined)
          found.push(`did not send ${name}, which is required`);
      }
    }
    const headers = documented('header').map(({ name }) => name.toLowerCase());
    for (const name of Object.keys(request.headers)) {
      if (!EVERYWHERE.includes(name) && !headers.includes(name)) found.push(`sent the undocumented header ${name}`);
    }
    return [...found, ...this.ofSentBody(operation, request.body)];
  }

  private ofSentBody(operation: string, body: unknown): readonly string[] {
    if (body === undefined) return [];
    const schema = this.document.requestSchema(operation);
    if (schema === undefined) return ['sent a body, and none is documented'];
    return this.schemas.violations(schema, body).map((violation) => `the request's body: ${violation}`);
  }

  private ofCode({ promised, answer }: Exchange): readonly string[] {
    if (answer.type !== 'application/problem+json') {
      return promised.code === undefined ? [] : [`the answer is no problem document: ${answer.type}`];
    }
    const { code } = answer.body as { readonly code: string };
    if (code !== promised.code) return [`the code is ${code}: ${shown(answer.body)}`];
    const documented = this.document.codes(promised.operation, answer.status);
    return documented.includes(code) ? [] : [`the code ${code} of ${String(answer.status)} is not documented`];
  }

  private ofAnswer({ promised: { operation }, answer }: Exchange): readonly string[] {
    const { status, type, body } = answer;
    const response = this.document.response(operation, status);
    if (response === undefined) return [`${String(status)} is not documented: ${shown(body)}`];
    const types = Object.keys(response.content);
    if (answer.length === 0) {
      return types.length === 0 || operation.startsWith('HEAD ')
        ? []
        : [`no body, and documented are ${types.join(', ')}`];
    }
    const media = response.content[type];
    if (media === undefined) return [`${type} is not documented, but ${types.join(', ')}`];
    if (media.schema === undefined || body === undefined) return [];
    const pointer = `${response.pointer}/content/${encodeURIComponent(type.replaceAll('/', '~1'))}/schema`;
    return this.schemas.violations(pointer, body).map((violation) => `the answer: ${violation} in ${shown(body)}`);
  }
}

function shown(body: unknown): string {
  return (typeof body === 'string' ? body : JSON.stringify(body ?? 'nothing')).slice(0, 600);
}
