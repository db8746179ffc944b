import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** The services' source text through the compiler: what reflection does not know, which is types and doc comments. */
export class Sources {
  readonly program: ts.Program;
  private readonly classes = new Map<string, ts.ClassDeclaration[]>();
  private readonly types = new Map<string, ts.NamedDeclaration[]>();

  /** @param entries files that import, directly or not, everything that is asked for; relative to the repository */
  constructor(entries: readonly string[]) {
    this.program = ts.createProgram(
      entries.map((entry) => join(ROOT, entry)),
      compilerOptions(),
    );
    for (const file of this.program.getSourceFiles()) {
      if (!file.isDeclarationFile) ts.forEachChild(file, (node) => this.note(node));
    }
  }

  /** The class of this name, as the given folder sees it: its own, else the one in libs. */
  classNamed(name: string, folder: string): ts.ClassDeclaration {
    return this.oneOf(this.classes, name, folder);
  }

  methodOf(declaration: ts.ClassDeclaration, name: string): ts.MethodDeclaration {
    const method = declaration.members.find((member) => ts.isMethodDeclaration(member) && nameOf(member) === name);
    if (method === undefined || !ts.isMethodDeclaration(method)) throw new Error(`there is no method ${name}`);
    return method;
  }

  /** The doc comment of a declaration as one paragraph; undefined where there is none. */
  commentOf(declaration: ts.NamedDeclaration): string | undefined {
    return oneLine(ts.displayPartsToString(this.symbolOf(declaration)?.getDocumentationComment(this.checker)));
  }

  /** What `@param name` of a method says. */
  parameterComment(method: ts.MethodDeclaration, name: string): string | undefined {
    const tag = this.symbolOf(method)
      ?.getJsDocTags(this.checker)
      .find(({ name: kind, text }) => kind === 'param' && text?.[0]?.text === name);
    const said = oneLine(ts.displayPartsToString(tag?.text?.slice(1)));
    return said && `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
  }

  /** The doc comment of a class's property, inherited ones included. */
  memberComment(declaration: ts.ClassDeclaration, name: string): string | undefined {
    const property = this.checker.getTypeAtLocation(declaration).getProperty(name);
    return oneLine(ts.displayPartsToString(property?.getDocumentationComment(this.checker)));
  }

  /** The declaration of the type or class of this name that the given folder or libs export. */
  typeNamed(name: string, folder: string): ts.NamedDeclaration {
    return this.oneOf(this.types, name, folder);
  }

  private get checker(): ts.TypeChecker {
    return this.program.getTypeChecker();
  }

  private symbolOf({ name }: ts.NamedDeclaration): ts.Symbol | undefined {
    return name && this.checker.getSymbolAtLocation(name);
  }

  private oneOf<T extends ts.Node>(all: ReadonlyMap<string, readonly T[]>, name: string, folder: string): T {
    const found = all.get(name) ?? [];
    const isIn = (place: string) => (node: ts.Node) => node.getSourceFile().fileName.startsWith(join(ROOT, place, '/'));
    const [one, ...others] =
      [found.filter(isIn(folder)), found.filter(isIn('libs'))].find(({ length }) => length > 0) ?? [];
    if (one === undefined || others.length > 0) throw new Error(`there is not one ${name} for ${folder}`);
    return one;
  }

  private note(node: ts.Node): void {
    if (ts.isClassDeclaration(node)) noteIn(this.classes, node);
    if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
      noteIn(this.types, node);
    }
  }
}

function noteIn<T extends ts.NamedDeclaration>(all: Map<string, T[]>, node: T): void {
  const name = nameOf(node);
  if (name !== undefined) all.set(name, [...(all.get(name) ?? []), node]);
}

function nameOf({ name }: ts.NamedDeclaration): string | undefined {
  return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
}

function oneLine(text: string | undefined): string | undefined {
  const line = text?.replace(/\s+/g, ' ').trim();
  return line === '' ? undefined : line;
}

function compilerOptions(): ts.CompilerOptions {
  const path = join(ROOT, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: unknown };
  return { ...ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options, noEmit: true };
}
