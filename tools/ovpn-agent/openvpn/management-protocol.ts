/** A client as `status 3` lists it. */
export interface ListedSession {
  readonly clientId: number;
  readonly commonName: string;
  /** `192.0.2.7:1194`, or an IPv6 address and port joined by a colon. */
  readonly realAddress: string;
  /** Unix time in seconds. */
  readonly connectedSince: number;
}

/** What OpenVPN tells of a client that has just connected. */
export interface EstablishedSession extends ListedSession {
  /** Upper-case hex; undefined for a client without certificate. */
  readonly serialNumber: string | undefined;
}

/** The lines of `status 3`. Columns are found by their header: versions differ in them. */
export function parseStatus(lines: readonly string[]): ListedSession[] {
  const rows = lines.map((line) => line.split('\t'));
  const header = rows.find(([first, second]) => first === 'HEADER' && second === 'CLIENT_LIST')?.slice(1) ?? [];
  const clients = rows.filter(([first, ...rest]) => first === 'CLIENT_LIST' && rest.length === header.length - 1);
  return clients.map((row) => {
    const column = (name: string) => row[header.indexOf(name)] ?? '';
    return {
      clientId: Number(column('Client ID')),
      commonName: column('Common Name'),
      realAddress: column('Real Address'),
      connectedSince: Number(column('Connected Since (time_t)')),
    };
  });
}

/** Collects a `>CLIENT:ESTABLISHED` notification, which comes in many lines. */
export class NotificationReader {
  private clientId: number | undefined;
  private variables = new Map<string, string>();

  /** Answers the session when the line ends its notification. */
  read(line: string): EstablishedSession | undefined {
    const event = /^>CLIENT:([A-Z]+),(\d+)/.exec(line);
    if (event) {
      this.clientId = event[1] === 'ESTABLISHED' ? Number(event[2]) : undefined;
      this.variables = new Map();
      return undefined;
    }
    if (line === '>CLIENT:ENV,END') return this.finish();
    const [, name, value] = /^>CLIENT:ENV,([^=]+)=(.*)$/.exec(line) ?? [];
    if (this.clientId !== undefined && name !== undefined) this.variables.set(name, value ?? '');
    return undefined;
  }

  private finish(): EstablishedSession | undefined {
    const { clientId, variables } = this;
    this.clientId = undefined;
    if (clientId === undefined) return undefined;
    const address = variables.get('trusted_ip') ?? variables.get('trusted_ip6') ?? '';
    const serial = variables.get('tls_serial_hex_0');
    return {
      clientId,
      commonName: variables.get('common_name') ?? '',
      realAddress: `${address}:${variables.get('trusted_port') ?? ''}`,
      connectedSince: Number(variables.get('time_unix')),
      serialNumber: serial === undefined ? undefined : serialNumber(serial),
    };
  }
}

/** `0a:1b:…` as 40 upper-case digits at least, as the feed spells serial numbers. */
function serialNumber(colonHex: string): string {
  return colonHex.replaceAll(':', '').toUpperCase().padStart(40, '0');
}
