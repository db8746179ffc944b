import { type Directive, parseConfiguration } from '@libs/openvpn';
import { MalformedPem, parsePem } from '@libs/pki';
import { certificateOfPem } from './certificate';
import { Refuted } from './verdict';

/** Directives by which OpenVPN would take its certificate from elsewhere than the inline block. */
const OTHER_SOURCES = ['cert', 'pkcs12', 'pkcs11-id', 'cryptoapicert', 'management-external-cert', 'config'];

/**
 * DER of the certificate with which OpenVPN would present itself: that of the `<cert>` block of a profile, or the first of
 * a `server.crt`, which is PEM from top to bottom. Strict, so that a profile which OpenVPN reads in another way than we do
 * is refused: the certificate that is proven must be the one that is used.
 * @throws Refuted
 */
export function certificateOfProfile(text: string): Buffer {
  const { blocks, directives, unclosed } = parseConfiguration(text);
  const certificates = blocks.filter(({ name }) => name === 'cert');
  const [block] = certificates;
  if (block === undefined && blocks.length === 0) return firstCertificate(text);
  if (block === undefined) throw new Refuted('no_certificate', 'the profile has no <cert> block');
  if (unclosed !== undefined) throw unclear(`the block on line ${unclosed.line} is not closed`);
  if (certificates.length > 1) throw unclear('it has two <cert> blocks');
  for (const directive of directives) assertPlain(directive);
  for (const { content, line } of blocks) {
    // OpenVPN takes `</cert>anything` for an end, and then goes on to read directives.
    if (content.some((inner) => inner.trim().startsWith('</'))) throw unclear(`the block on line ${line} ends twice`);
  }
  return certificateOfPem(block.content.join('\n'));
}

function assertPlain({ name, line }: Directive): void {
  // Quotes and backslashes would let `"<cert>"` or `c\ert` mean what they do not look like.
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw unclear(`line ${line} is not a plain directive`);
  if (OTHER_SOURCES.includes(name)) throw unclear(`line ${line} names another source of the certificate`);
}

function firstCertificate(text: string): Buffer {
  const [first] = pemBlocks(text);
  if (first?.label !== 'CERTIFICATE') throw new Refuted('no_certificate', 'the file holds no certificate');
  return first.der;
}

function pemBlocks(text: string): ReturnType<typeof parsePem> {
  try {
    return parsePem(text);
  } catch (error) {
    if (error instanceof MalformedPem) throw new Refuted('malformed_certificate', error.message);
    throw error;
  }
}

function unclear(reason: string): Refuted {
  return new Refuted('malformed_profile', `it is not clear which certificate the profile uses: ${reason}`);
}
