import { parseArgs } from 'node:util';
import { CannotTell } from '../ct-verify/verdict';

export interface CommandLine {
  readonly log: string;
  readonly state: string;
  readonly keys: readonly string[];
  readonly keyFiles: readonly string[];
  readonly crlUrls: readonly string[];
  readonly caFiles: readonly string[];
  readonly graceSeconds: number;
  /** Undefined for a single round. */
  readonly intervalSeconds: number | undefined;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
}

export const HELP = `usage: ct-monitor --log URL --state FILE [--crl URL --ca FILE]… [--once | --interval SECONDS] [--listen [HOST:]PORT]

Follows the certificate log over HTTP: every checkpoint must be signed, extend the one before and stand for the entries that
are served. Compares the CRLs with what the log has revoked, both ways.

  --log URL           of the certificate log; the reader key is taken from CT_READER_KEY or CT_READER_KEY_FILE
  --state FILE        what has been seen so far; to be kept where the log's operators cannot write
  --key KEY           verifier key of the log, as name+keyid+base64; may be repeated
  --key-file FILE     verifier keys, one on each line; without either they are taken from CT_VERIFIER_KEYS
  --crl URL           where CRLs are served as PEM, as https://vpn.example.org/crl.pem; may be repeated. Should a key be
                      needed, it is taken from CRL_KEY or CRL_KEY_FILE
  --ca FILE           certificates of the CAs whose CRLs they are, as PEM; may be repeated
  --grace SECONDS     how long a revocation may stand in the log before it stands on the CRL (default 300)
  --interval SECONDS  from the end of a round to the next (default 60)
  --once              a single round
  --listen PORT       Prometheus metrics at http://HOST:PORT/metrics, HOST being 127.0.0.1 by default

Exit status of a single round, or of the last one: 0 all is well, 1 alarm, 2 something could not be looked at.
`;

const MAX_SECONDS = 86_400;

/** Undefined when help is asked for. @throws CannotTell for a line that makes no sense */
export function parseCommandLine(argv: readonly string[]): CommandLine | undefined {
  const values = parseWords(argv);
  if (values.help === true) return undefined;
  const { log, state, crl = [], ca = [] } = values;
  if (log === undefined || !URL.canParse(log)) throw usage('--log needs a URL');
  if (state === undefined) throw usage('--state is needed');
  for (const url of crl) if (!URL.canParse(url)) throw usage('--crl needs a URL');
  if (crl.length > 0 !== ca.length > 0) throw usage('--crl and --ca belong together');
  if (values.once === true && values.interval !== undefined) throw usage('--once has no --interval');
  return {
    log: log.replace(/\/+$/, ''),
    state,
    keys: values.key ?? [],
    keyFiles: values['key-file'] ?? [],
    crlUrls: crl,
    caFiles: ca,
    graceSeconds: seconds('--grace', values.grace, 300),
    intervalSeconds: values.once === true ? undefined : Math.max(1, seconds('--interval', values.interval, 60)),
    listen: values.listen === undefined ? undefined : listenAddress(values.listen),
  };
}

function parseWords(argv: readonly string[]) {
  try {
    const many = { type: 'string', multiple: true } as const;
    const one = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: {
        log: one,
        state: one,
        key: many,
        'key-file': many,
        crl: many,
        ca: many,
        grace: one,
        interval: one,
        once: flag,
        listen: one,
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function seconds(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= MAX_SECONDS)) throw usage(`${option} needs seconds, ${MAX_SECONDS} at most`);
  return value;
}

function listenAddress(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) throw usage('--listen needs a port');
  return { host: host ?? '127.0.0.1', port: Number(port) };
}

function usage(reason: string): CannotTell {
  return new CannotTell(`${reason} (ct-monitor --help)`);
}
