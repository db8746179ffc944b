import { findClientFault, findServerFault } from './configuration-checks';
import type { ConfigurationFault } from './configuration-checks';
import { bundleMaterialFiles } from './bundle';
import { CompiledTemplate } from './jinja';
import { NO_OPTIONS, parseOptions } from './options';
import type { OptionSets, TemplateOption } from './options';
import type { ControlChannelKey } from './profile';
import { TemplateError, UnknownTemplateChoice } from './template-error';
import { DEFAULT_GROUP, readTemplateFiles } from './template-files';
import type { ClientTemplateFile, ServerTemplateFile, TemplateFiles } from './template-files';
import type { TemplateContext } from './template-value';

/** For whom a client profile is; each is a variable of the templates under the same name. */
export interface ClientSubject {
  /** The certificate's CN. */
  readonly common_name: string;
  /** What a person may read in the client's list of profiles. */
  readonly profile_name: string;
  /** Empty when unknown, and for computers. */
  readonly email: string;
  readonly kind: 'user' | 'computer';
}

/** The server that a bundle is for; each is a variable of the templates under the same name. */
export interface ServerSubject {
  /** The server certificate's CN. */
  readonly server_name: string;
}

/** The directives of a client profile, complete but for the material. */
export interface ClientDirectives {
  /** The group whose template was used. */
  readonly template: string;
  readonly text: string;
}

/** One rendered server configuration. */
export interface ServerFile {
  /** Name in the bundle. */
  readonly name: string;
  readonly text: string;
}

type Client = ClientTemplateFile & { readonly template: CompiledTemplate };
type Server = ServerTemplateFile & { readonly template: CompiledTemplate };

const PLACEHOLDER_CLIENT: ClientSubject = {
  common_name: 'placeholder',
  profile_name: 'Placeholder "profile"',
  email: 'placeholder@example.org',
  kind: 'user',
};
const PLACEHOLDER_SERVER: ServerSubject = { server_name: 'server.example.org' };

/** The templates of a directory, all of which have been rendered once without fault. */
export class Templates {
  private constructor(
    private readonly clients: readonly Client[],
    private readonly servers: readonly Server[],
    private readonly optionSets: OptionSets,
    private readonly site: TemplateContext,
    private readonly controlChannel: ControlChannelKey['kind'],
  ) {}

  /** @throws TemplateError for the first fault found, in the order of the files */
  static compile(
    files: TemplateFiles,
    site: TemplateContext,
    controlChannel: ControlChannelKey['kind'] = 'tls-crypt-v2',
  ): Templates {
    const { options } = files;
    const templates = new Templates(
      files.clients.map((file) => ({ ...file, template: CompiledTemplate.compile(file.file, file.source) })),
      files.servers.map((file) => ({ ...file, template: CompiledTemplate.compile(file.file, file.source) })),
      options === undefined ? NO_OPTIONS : parseOptions(options.file, options.source),
      site,
      controlChannel,
    );
    templates.refuseHiddenVariables(options?.file);
    templates.renderEverything();
    return templates;
  }

  get options(): readonly TemplateOption[] {
    return this.optionSets.options;
  }

  get templateSets(): readonly string[] {
    return [...new Set(this.servers.map((server) => server.set))];
  }

  /** The groups that have a client template, `default` among them where there is one. */
  get clientGroups(): readonly string[] {
    return this.clients.map((client) => client.group);
  }

  /**
   * Renders the template with the lowest number among those of the groups, compared exactly, or `default`'s.
   *
   * @param options ids; their order does not matter
   * @throws UnknownTemplateChoice for an option that does not exist, or when no template applies
   * @throws UnsafeValue when a value of the subject contains a control character
   * @throws TemplateError when these values, unlike the placeholders, break the template
   */
  renderClient(groups: readonly string[], options: readonly string[], subject: ClientSubject): ClientDirectives {
    const context = { ...this.site, ...this.optionValues(options), ...subject };
    const client = this.findClient(groups);
    if (client === undefined) throw new UnknownTemplateChoice('profile template', DEFAULT_GROUP);
    return { template: client.group, text: render(client, context, findClientFault) };
  }

  /**
   * Renders the server files of a template set, in order.
   *
   * @throws UnknownTemplateChoice when there is no such set
   * @throws UnsafeValue, TemplateError as renderClient
   */
  renderServer(set: string, subject: ServerSubject): ServerFile[] {
    const servers = this.servers.filter((server) => server.set === set);
    if (servers.length === 0) throw new UnknownTemplateChoice('template set', set);
    const context = { ...this.site, ...subject, template_set: set };
    const material = bundleMaterialFiles(this.controlChannel);
    return servers.map((server) => ({
      name: `${server.set}.${server.position}.ovpn`,
      text: render(server, context, (text) => findServerFault(text, material)),
    }));
  }

  /** @returns whether a person with these groups can have a profile */
  hasClientTemplate(groups: readonly string[]): boolean {
    return this.findClient(groups) !== undefined;
  }

  private findClient(groups: readonly string[]): Client | undefined {
    const own = this.clients.find((client) => client.group !== DEFAULT_GROUP && groups.includes(client.group));
    return own ?? this.clients.find((client) => client.group === DEFAULT_GROUP);
  }

  private optionValues(ids: readonly string[]): TemplateContext {
    const unknown = ids.find((id) => !this.options.some((option) => option.id === id));
    if (unknown !== undefined) throw new UnknownTemplateChoice('option', unknown);
    const chosen = this.options.filter((option) => ids.includes(option.id));
    return Object.assign({}, this.optionSets.defaults, ...chosen.map((option) => option.values)) as TemplateContext;
  }

  private renderEverything(): void {
    const ids = this.options.map((option) => option.id);
    const selections = [[], ...ids.map((id) => [id]), ids];
    for (const client of this.clients) {
      for (const selection of selections) this.renderClient([client.group], selection, PLACEHOLDER_CLIENT);
    }
    for (const set of this.templateSets) this.renderServer(set, PLACEHOLDER_SERVER);
  }

  private refuseHiddenVariables(file: string | undefined): void {
    const taken = new Set([...Object.keys(this.site), ...Object.keys(PLACEHOLDER_CLIENT), 'quote']);
    const hidden = Object.keys(this.optionSets.defaults).find((name) => taken.has(name));
    if (hidden === undefined || file === undefined) return;
    throw new TemplateError(file, undefined, `"${hidden}" is a variable of the site or of the profile`);
  }
}

/**
 * Reads a template directory, and renders every template with no option, with each, and with all, so that a broken one is
 * found now and not by the person who needs it.
 *
 * @param site variables that every template sees, such as the server's address
 * @param controlChannel the kind of key that profiles and bundles carry
 * @throws TemplateError naming file, line and reason
 */
export async function loadTemplates(
  directory: string,
  site: TemplateContext,
  controlChannel?: ControlChannelKey['kind'],
): Promise<Templates> {
  return Templates.compile(await readTemplateFiles(directory), site, controlChannel);
}

function render(
  file: { readonly file: string; readonly source: string; readonly template: CompiledTemplate },
  context: TemplateContext,
  check: (text: string) => ConfigurationFault | undefined,
): string {
  const text = `${file.template
    .render(context)
    .trim()
    .replace(/\n{3,}/g, '\n\n')}\n`;
  const fault = check(text);
  if (fault === undefined) return text;
  throw new TemplateError(file.file, sourceLine(file.source, text, fault.line), fault.reason);
}

/** @returns the source line that has the directive of the rendered line, if only one does; else nothing */
function sourceLine(source: string, rendered: string, line: number): number | undefined {
  const [word] = (rendered.split('\n')[line - 1] ?? '').trim().split(/\s/);
  if (word === undefined || word === '') return undefined;
  const lines = source.split('\n').flatMap((text, index) => (text.includes(word) ? [index + 1] : []));
  return lines.length === 1 ? lines[0] : undefined;
}
