import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfiguration } from './directives';
import { TemplateError, UnknownTemplateChoice, UnsafeValue } from './template-error';
import { loadTemplates, Templates } from './templates';
import type { TemplateFiles } from './template-files';

const SITE = {
  site: {
    remote_host: 'vpn.example.org',
    remote_port: 1194,
    server_name: 'vpn.example.org',
    network: '10.8.0.0',
    netmask: '255.255.255.0',
  },
};
const SUBJECT = { common_name: 'ada', profile_name: 'Ada at Example', email: 'ada@example.org', kind: 'user' } as const;
const CLIENT = 'client\ndev tun\nremote h 1\nremote-cert-tls server\n';
const SERVER = 'dev tun\nca ca-chain.crt\ncert server.crt\nkey server.key\ncrl-verify crl.pem\n';

function clients(...sources: readonly (readonly [priority: number, group: string, source: string])[]): TemplateFiles {
  return {
    clients: sources.map(([priority, group, source]) => ({
      file: `${String(priority)}.${group}.ovpn`,
      priority,
      group,
      source,
    })),
    servers: [],
    options: undefined,
  };
}

function client(source: string): TemplateFiles {
  return clients([1, 'default', source]);
}

function withOptions(source: string, options: string): TemplateFiles {
  return { ...client(source), options: { file: 'options.yaml', source: options } };
}

function server(source: string): TemplateFiles {
  return { clients: [], servers: [{ file: 'S.0001.ovpn', set: 'S', position: '0001', source }], options: undefined };
}

function faultOf(files: TemplateFiles): TemplateError {
  try {
    Templates.compile(files, SITE);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('the templates compiled');
}

describe('choosing a client template', () => {
  const templates = Templates.compile(
    clients(
      [1, 'default', `${CLIENT}# everybody`],
      [100, 'Staff', `${CLIENT}# staff`],
      [200, 'Admins', `${CLIENT}# admins`],
    ),
    SITE,
  );

  it('takes the lowest number among the groups', () => {
    expect(templates.renderClient(['Admins', 'Staff'], [], SUBJECT).template).toBe('Staff');
  });

  it('takes the default last, whatever its number', () => {
    expect(templates.renderClient(['Admins'], [], SUBJECT).template).toBe('Admins');
    expect(templates.renderClient(['Guests'], [], SUBJECT).template).toBe('default');
    expect(templates.renderClient([], [], SUBJECT).template).toBe('default');
  });

  it.each(['staff', 'Staff ', 'Staf', 'Staff2', ''])('does not take group %j for "Staff"', (group) => {
    expect(templates.renderClient([group], [], SUBJECT).template).toBe('default');
  });

  it('names what is missing when no template applies', () => {
    const only = Templates.compile(clients([1, 'Staff', CLIENT]), SITE);
    expect(() => only.renderClient(['Guests'], [], SUBJECT)).toThrow(UnknownTemplateChoice);
  });
});

describe('options', () => {
  const source = `${CLIENT}proto {{ protocol }}\n{% if full %}redirect-gateway def1\n{% endif %}`;
  const yaml = `
defaults: { protocol: udp, full: false }
options:
  - { id: tcp, label: TCP, description: over TCP, values: { protocol: tcp } }
  - { id: full-tunnel, label: All, description: all traffic, values: { full: true } }
`;
  const templates = Templates.compile(withOptions(source, yaml), SITE);

  it('set variables over the defaults', () => {
    expect(templates.renderClient([], [], SUBJECT).text).toContain('proto udp\n');
    expect(templates.renderClient([], ['full-tunnel', 'tcp'], SUBJECT).text).toMatch(
      /proto tcp\nredirect-gateway def1/,
    );
  });

  it('are refused when unknown', () => {
    expect(() => templates.renderClient([], ['nonesuch'], SUBJECT)).toThrow('there is no option "nonesuch"');
  });

  it.each([
    ['options: 3', 1, '"options" must be a list'],
    ['surprise: 1', 1, 'unknown key "surprise"'],
    ['defaults: {a: 1}\ndefaults: {b: 1}', 2, 'Map keys must be unique'],
    ['options:\n  - id: A B\n    label: x\n    description: x\n    values: {}', 2, '"id" may have'],
    ['options:\n  - id: a\n    label: ""\n    description: x\n    values: {}', 3, '"label" must be a text'],
    [
      'options:\n  - id: a\n    label: x\n    description: x\n    values: {b: 1}',
      2,
      '"b" has no value under "defaults"',
    ],
    [
      'defaults:\n  b: x\noptions:\n  - id: a\n    label: x\n    description: x\n    values: {b: 1}',
      4,
      '"b" must be a string',
    ],
    ['defaults:\n  a: 1\n  b: "x\\ny"', 3, 'control character'],
    ['defaults:\n  "a b": 1', 2, 'no variable name'],
    ['options:\n  - [1', 2, ''],
  ])('refuse %j with its line', (text, line, reason) => {
    const fault = faultOf(withOptions(CLIENT, text));
    expect(fault.file).toBe('options.yaml');
    expect(fault.line).toBe(line);
    expect(fault.reason).toContain(reason);
  });

  it('refuse to hide a variable of the profile', () => {
    expect(faultOf(withOptions(CLIENT, 'defaults: {common_name: x}')).reason).toContain('"common_name"');
  });

  it('refuse an id that is used twice', () => {
    const item = '  - { id: a, label: x, description: x, values: {} }\n';
    expect(faultOf(withOptions(CLIENT, `options:\n${item}${item}`))).toMatchObject({ line: 3 });
  });
});

describe('a broken template stops the start with file, line and reason', () => {
  it.each([
    ['an undefined variable', `${CLIENT}port {{ nothing }}`, 5, '"nothing" is undefined'],
    ['an undefined member', `${CLIENT}\nport {{ site.nothing }}`, 6, '"site.nothing" is undefined'],
    ['an undefined variable in a condition', `${CLIENT}{% if nothing %}x{% endif %}`, 5, '"nothing" is undefined'],
    ['a tag that is not closed', `${CLIENT}port {{ kind\nverb 3`, 5, ''],
    ['a block that is not closed', `${CLIENT}{% if kind %}\nverb 3\n`, 5, ''],
    ['an unknown statement', `${CLIENT}{% frobnicate %}`, 5, ''],
    ['a character that Jinja does not know', `${CLIENT}\n\n{{ kind $ }}`, 7, 'Unexpected character: $'],
    ['an unknown filter', `${CLIENT}{{ kind | frobnicate }}`, 5, 'frobnicate'],
    ['a comment that is not closed', `${CLIENT}{# never`, 5, 'comment'],
    ['a fatal directive', `${CLIENT}keysize 256`, 5, '"keysize" may not stand'],
    ['a directive that OpenVPN Connect refuses', `${CLIENT}topology subnet`, 5, '"topology" may not stand'],
    ['a server directive', `${CLIENT}push "route 1.2.3.4"`, 5, '"push" may not stand'],
    ['an own <ca> block', `${CLIENT}<ca>\nx\n</ca>`, undefined, '<ca> is added'],
    ['a key file', `${CLIENT}key /etc/x.key`, 5, '"key" is written'],
    ['a block that is left open', `${CLIENT}<connection>\nremote a 1`, 5, '<connection> is not closed'],
    ['a line that is too long', `${CLIENT}# ${'x'.repeat(253)}`, undefined, 'at most 254 bytes'],
    ['a client without "remote"', 'client\ndev tun\nremote-cert-tls server', undefined, 'needs "remote"'],
  ])('%s', (_, source, line, reason) => {
    const fault = faultOf(client(source));
    expect(fault.reason).toContain(reason);
    expect(fault.file).toBe('1.default.ovpn');
    if (line !== undefined) expect(fault.line).toBe(line);
  });

  it('with an option only that one person would have chosen', () => {
    const yaml = 'defaults: {a: false}\noptions:\n  - {id: a, label: a, description: a, values: {a: true}}';
    const fault = faultOf(withOptions(`${CLIENT}{% if a %}\n{{ nothing }}\n{% endif %}`, yaml));
    expect(fault).toMatchObject({ line: 6, reason: '"nothing" is undefined' });
  });

  it('in a server file that names a file which the bundle lacks', () => {
    expect(faultOf(server(SERVER.replace('server.key', 'private.key'))).reason).toContain('no file "private.key"');
  });

  it('in a server file that does not check the CRL', () => {
    expect(faultOf(server(SERVER.replace(/crl-verify.*/, ''))).reason).toContain('needs "crl-verify"');
  });
});

describe('rendering', () => {
  it('lets a template ask whether a variable exists', () => {
    const templates = Templates.compile(
      client(`${CLIENT}{% if x is defined %}no{% endif %}# {{ y | default('d') }}`),
      SITE,
    );
    expect(templates.renderClient([], [], SUBJECT).text).toContain('# d\n');
  });

  it.each(['a\nup /bin/sh', 'a\rb', 'a\u0000b', 'a\u0085b', 'a\u2028b', 'a\u001bb'])(
    'refuses %j in a value',
    (name) => {
      const templates = Templates.compile(client(`${CLIENT}setenv FRIENDLY_NAME {{ quote(profile_name) }}`), SITE);
      expect(() => templates.renderClient([], [], { ...SUBJECT, profile_name: name })).toThrow(UnsafeValue);
    },
  );

  it('keeps a quoted value inside its argument', () => {
    const templates = Templates.compile(client(`${CLIENT}setenv FRIENDLY_NAME {{ quote(profile_name) }}`), SITE);
    const { text } = templates.renderClient([], [], { ...SUBJECT, profile_name: 'a" "b\\' });
    expect(text).toContain('setenv FRIENDLY_NAME "a\\" \\"b\\\\"\n');
    expect(parseConfiguration(text).directives.at(-1)?.args).toHaveLength(2);
  });

  it('gives the files of a set in order', () => {
    const files: TemplateFiles = {
      clients: [],
      servers: ['0001', '0002'].map((position) => ({
        file: position,
        set: 'S',
        position,
        source: `${SERVER}# {{ server_name }}`,
      })),
      options: undefined,
    };
    const rendered = Templates.compile(files, SITE).renderServer('S', { server_name: 'gate.example.org' });
    expect(rendered.map((file) => file.name)).toEqual(['S.0001.ovpn', 'S.0002.ovpn']);
    expect(rendered[0]?.text).toContain('# gate.example.org\n');
    expect(() => Templates.compile(files, SITE).renderServer('T', { server_name: 'x' })).toThrow('no template set "T"');
  });
});

describe('a template directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'templates-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('tells user and server templates by their names', async () => {
    await writeFile(join(directory, '0010.Field Staff.x.ovpn'), CLIENT.replaceAll('\n', '\r\n'));
    await writeFile(join(directory, '9999.default.ovpn'), CLIENT);
    await writeFile(join(directory, 'Site-A.0001.ovpn'), SERVER);
    await writeFile(join(directory, 'README.md'), 'not a template');
    const templates = await loadTemplates(directory, SITE);
    expect(templates.clientGroups).toEqual(['Field Staff.x', 'default']);
    expect(templates.templateSets).toEqual(['Site-A']);
    expect(templates.renderClient(['Field Staff.x'], [], SUBJECT).text).not.toContain('\r');
  });

  it.each([['staff.ovpn'], ['1.Staff.ovpn'], ['Staff.12.ovpn']])('refuses the name %s', async (name) => {
    await writeFile(join(directory, name), CLIENT);
    await expect(loadTemplates(directory, SITE)).rejects.toThrow('neither NNNN.Group.ovpn nor Set.NNNN.ovpn');
  });

  it('refuses a second template of a group', async () => {
    await writeFile(join(directory, '0010.Staff.ovpn'), CLIENT);
    await writeFile(join(directory, '0020.Staff.ovpn'), CLIENT);
    await expect(loadTemplates(directory, SITE)).rejects.toThrow('has a template already');
  });

  it('refuses what is not UTF-8, and a directory that is not there', async () => {
    await writeFile(join(directory, '0010.Staff.ovpn'), Buffer.from([0xff, 0xfe]));
    await expect(loadTemplates(directory, SITE)).rejects.toThrow('not UTF-8');
    await expect(loadTemplates(join(directory, 'missing'), SITE)).rejects.toThrow('ENOENT');
  });

  it('is the sample one', async () => {
    const templates = await loadTemplates(join(__dirname, '../../../examples/templates'), SITE);
    expect(templates.options.map((option) => option.id)).toEqual(['full-tunnel', 'split-dns', 'tcp']);
    expect(templates.renderClient([], [], SUBJECT).text).toContain('\nexplicit-exit-notify 1\n');
    expect(templates.renderClient([], ['tcp'], SUBJECT).text).not.toContain('explicit-exit-notify');
    const [server] = templates.renderServer('Agent', { server_name: 'vpn.example.org' });
    expect(server?.text).toMatch(/\ncrl-verify \S+ dir\n[^]*\nmanagement \S+ unix\n/);
  });
});
