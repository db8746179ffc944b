import {
  CsrRejected,
  KeyUsage,
  MalformedDer,
  MalformedPem,
  type ParsedCertificate,
  type PemBlock,
  acceptCsr,
  crlPemLabel,
  foreignKeyUsage,
  parseCertificate,
  parseCrl,
  parsePem,
  toPem,
} from '@libs/pki';
import { type Finding, blocking } from '../existing-ca/finding';
import { type Fact, certificateFacts, crlFacts, keyText, requestFacts, subjectText } from '../facts';
import { inspectTranscript } from './inspected-transcript';

/** One thing in a file: a certificate, a CRL, a key or a transcript. */
export interface InspectedFile {
  readonly path: string;
  readonly what: string;
  readonly facts: readonly Fact[];
  readonly findings: readonly Finding[];
  readonly certificate?: ParsedCertificate;
}

/** Everything that the file holds; nothing where it is of no kind that is known here. */
export async function inspectFile(path: string, content: Buffer): Promise<InspectedFile[]> {
  const text = content.toString('utf8');
  if (text.trimStart().startsWith('{')) return inspectJson(path, text);
  if (!text.includes('-----BEGIN ')) return [];
  try {
    return parsePem(text.replace(/^Proc-Type:.*\r?\nDEK-Info:.*\r?\n\r?\n/m, '')).map((block) =>
      inspectBlock(path, block, text),
    );
  } catch (error) {
    if (error instanceof MalformedPem) return [broken(path, 'PEM', error.message)];
    throw error;
  }
}

async function inspectJson(path: string, text: string): Promise<InspectedFile[]> {
  const document = jsonObject(text);
  if (document === undefined) return [];
  if (document['format'] === 'openvpn-manager-ceremony-v1') return [await inspectTranscript(path, document)];
  if (document['format'] !== 'openvpn-manager-key-v1') return [];
  const spki = Buffer.from(String(document['spki']), 'base64');
  try {
    const facts = [{ label: 'Key', value: keyText(spki) }];
    return [{ path, what: 'private key, encrypted with scrypt and AES-256-GCM', facts, findings: [] }];
  } catch {
    return [broken(path, 'key file', 'its public key is malformed')];
  }
}

function inspectBlock(path: string, { label, der }: PemBlock, text: string): InspectedFile {
  try {
    if (label === 'CERTIFICATE') return inspectCertificate(path, der);
    if (label === 'CERTIFICATE REQUEST') {
      const { spki } = acceptCsr(toPem(label, der));
      return { path, what: 'certificate request, signed with its key', facts: requestFacts(spki), findings: [] };
    }
    if (label === crlPemLabel) {
      return { path, what: 'CRL', facts: crlFacts('CRL', parseCrl(der)), findings: [] };
    }
  } catch (error) {
    if (error instanceof MalformedDer) return broken(path, label, error.message);
    if (error instanceof CsrRejected)
      return { path, what: label.toLowerCase(), facts: [], findings: [blocking(error.reason, error.message)] };
    throw error;
  }
  if (!label.endsWith('PRIVATE KEY')) return { path, what: label.toLowerCase(), facts: [], findings: [] };
  const isEncrypted = label.startsWith('ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED/m.test(text);
  return { path, what: `private key, ${isEncrypted ? 'encrypted' : 'NOT ENCRYPTED'}`, facts: [], findings: [] };
}

function inspectCertificate(path: string, der: Buffer): InspectedFile {
  const certificate = parseCertificate(der);
  const facts = [{ label: 'Subject', value: subjectText(der) }, ...certificateFacts(certificate)];
  const isAuthority = foreignKeyUsage(certificate.tbs.extensions)?.includes(KeyUsage.keyCertSign) === true;
  return { path, what: isAuthority ? 'certificate of a CA' : 'certificate', facts, findings: [], certificate };
}

function broken(path: string, what: string, reason: string): InspectedFile {
  return { path, what, facts: [], findings: [blocking('malformed', `It cannot be read: ${reason}.`)] };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
