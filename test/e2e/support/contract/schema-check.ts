import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { ApiDocument } from './api-document';

/** The schemas of a document, by where they stand in it. */
export class SchemaCheck {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });

  constructor(private readonly document: ApiDocument) {
    addFormats(this.ajv);
    // The document as a whole is no schema; what its parts refer to is looked up in it.
    this.ajv.addSchema({ ...document.openApi, $id: this.id }, this.id, undefined, false);
  }

  /** What is wrong with a value by the schema at a pointer. */
  violations(pointer: string, value: unknown): readonly string[] {
    const validate = this.ajv.getSchema(`${this.id}#${pointer}`);
    if (validate === undefined) throw new Error(`there is no schema at ${pointer}`);
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      return `${instancePath === '' ? 'it' : instancePath} ${String(message)} ${JSON.stringify(params)}`;
    });
  }

  private get id(): string {
    return `https://contract.invalid/${this.document.service}`;
  }
}
