import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { lineAt, tagPositions } from './tags';
import { TemplateError } from './template-error';
import { assertPlainValues, quoteArgument } from './template-value';
import type { TemplateContext } from './template-value';

type Token = ReturnType<typeof tokenize>[number];
type Program = ReturnType<typeof parse>;
type Node = NonNullable<Parameters<Interpreter['evaluate']>[0]>;
type RuntimeValue = ReturnType<Interpreter['evaluate']>;

/** Stands before the line number in a marker's name; no identifier that a template can write contains it. */
const LINE_MARK = '@';

/** A template of a known file, parsed once and rendered as often as needed. Rendering has no side effect. */
export class CompiledTemplate {
  private constructor(
    private readonly file: string,
    private readonly program: Program,
  ) {}

  /** @throws TemplateError with the line of the tag that cannot be read */
  static compile(file: string, source: string): CompiledTemplate {
    const tags = tagPositions(source).map((position) => ({ position, line: lineAt(source, position) }));
    let tokens: Token[];
    try {
      tokens = tokenize(source);
    } catch (error) {
      throw new TemplateError(file, lineOfUnreadableTag(source, tags), reasonOf(error));
    }
    return new CompiledTemplate(
      file,
      parseMarked(
        file,
        withLineMarks(
          tokens,
          tags.map((tag) => tag.line),
        ),
      ),
    );
  }

  /**
   * @throws UnsafeValue when a value contains a control character
   * @throws TemplateError with the line of the tag that failed: an undefined variable, a wrong type, an unknown filter
   */
  render(context: TemplateContext): string {
    assertPlainValues(context);
    const interpreter = new StrictInterpreter(environmentOf(context));
    try {
      const { value } = interpreter.run(this.program);
      return typeof value === 'string' ? value : '';
    } catch (error) {
      throw new TemplateError(this.file, interpreter.line, reasonOf(error));
    }
  }
}

/** Refuses undefined variables, which plain Jinja renders as nothing, and knows the line of the tag at work. */
class StrictInterpreter extends Interpreter {
  line = 1;
  private readonly mayBeUndefined = new WeakSet<Node>();

  override evaluate(node: Node | undefined, environment: Environment): RuntimeValue {
    if (isIdentifier(node) && node.value.startsWith(LINE_MARK)) {
      this.line = Number(node.value.slice(LINE_MARK.length));
      return super.evaluate(undefined, environment);
    }
    if (asksForDefinition(node)) this.mayBeUndefined.add(node.operand);
    const value = super.evaluate(node, environment);
    if (value.type === 'UndefinedValue' && isReference(node) && !this.mayBeUndefined.has(node)) {
      throw new Error(`"${nameOf(node)}" is undefined`);
    }
    return value;
  }
}

function environmentOf(context: TemplateContext): Environment {
  const environment = new Environment();
  const constants = { true: true, false: false, none: null, True: true, False: false, None: null };
  for (const [name, value] of Object.entries(constants)) environment.set(name, value);
  environment.set('quote', (value: unknown) => quoteArgument(String(value)));
  for (const [name, value] of Object.entries(context)) environment.set(name, value);
  return environment;
}

/** Puts before each tag an expression that names the tag's line, so that a failure while rendering can tell it. */
function withLineMarks(tokens: readonly Token[], lines: readonly number[]): Token[] {
  const marked: Token[] = [];
  let tag = 0;
  for (const token of tokens) {
    if (isOpener(token)) {
      marked.push({ value: '{{', type: 'OpenExpression' });
      marked.push({ value: `${LINE_MARK}${String(lines[tag] ?? 1)}`, type: 'Identifier' });
      marked.push({ value: '}}', type: 'CloseExpression' });
      tag += 1;
    }
    marked.push(token);
  }
  return marked;
}

function parseMarked(file: string, tokens: Token[]): Program {
  let furthest = 0;
  const watched = new Proxy(tokens, {
    get(target, property) {
      if (typeof property === 'string' && /^\d+$/.test(property)) furthest = Math.max(furthest, Number(property));
      const value: unknown = Reflect.get(target, property);
      return value;
    },
  });
  try {
    return parse(watched);
  } catch (error) {
    const mark = tokens.slice(0, furthest + 1).findLast((token) => token.value.startsWith(LINE_MARK));
    throw new TemplateError(file, Number(mark?.value.slice(LINE_MARK.length) ?? 1), reasonOf(error));
  }
}

/** The tokenizer tells no position: of the tags, each read alone, the first that fails is the one. */
function lineOfUnreadableTag(source: string, tags: readonly { position: number; line: number }[]): number {
  const broken = tags.find((tag, index) => {
    try {
      tokenize(source.slice(tag.position, tags[index + 1]?.position));
      return false;
    } catch {
      return true;
    }
  });
  return broken?.line ?? lineAt(source, source.lastIndexOf('{#'));
}

function isOpener(token: Token): boolean {
  return token.type === 'OpenStatement' || token.type === 'OpenExpression';
}

function isIdentifier(node: Node | undefined): node is Node & { value: string } {
  return node?.type === 'Identifier';
}

function isReference(node: Node | undefined): node is Node {
  return node?.type === 'Identifier' || node?.type === 'MemberExpression';
}

/** `x is defined`, `x is undefined` and `x | default(…)` are the ways to ask for a variable that may be missing. */
function asksForDefinition(node: Node | undefined): node is Node & { operand: Node } {
  if (node === undefined) return false;
  const { test, filter } = node as Node & { test?: NamedNode; filter?: NamedNode };
  if (node.type === 'TestExpression') return test?.value === 'defined' || test?.value === 'undefined';
  return node.type === 'FilterExpression' && (filter?.value ?? filter?.callee?.value) === 'default';
}

type NamedNode = Node & { value?: unknown; callee?: { value?: unknown } };

function nameOf(node: Node): string {
  if (isIdentifier(node)) return node.value;
  const { object, property } = node as Node & { object: Node; property: Node };
  return `${nameOf(object)}.${isIdentifier(property) ? property.value : '…'}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
