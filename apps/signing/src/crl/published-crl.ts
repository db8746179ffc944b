import {
  type Issuer,
  MalformedDer,
  MalformedPem,
  type ParsedCrl,
  Turns,
  crlNumberOf,
  crlPemLabel,
  isOf,
  onlyPemBlock,
  parseCrl,
  verifyCrlOffThread,
} from '@libs/pki';
import { createHash } from 'node:crypto';

/** A CRL whose signature has been verified: fit to be served. */
export interface PublishedCrl {
  readonly parsed: ParsedCrl;
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Of the DER. */
  readonly sha256: Buffer;
}

/** Bytes are not a CRL of the issuer. `message` is a sentence for the operator. */
export class NotACrl extends Error {
  override readonly name = 'NotACrl';
}

/** @throws NotACrl */
export async function publishedCrl(der: Buffer, issuer: Issuer): Promise<PublishedCrl> {
  const parsed = readable(() => parseCrl(der));
  if (!readable(() => isOf(parsed, issuer))) throw new NotACrl('It is the CRL of another CA.');
  const described = describedCrl(parsed, await sha256InTurns(der));
  if (!(await verifyCrlOffThread(parsed, issuer))) throw new NotACrl("Its signature is not the CA's.");
  return described;
}

/** A CRL that somebody has verified already. @throws NotACrl when it lacks what every CRL of ours has */
export function describedCrl(parsed: ParsedCrl, sha256: Buffer): PublishedCrl {
  const number = readable(() => crlNumberOf(parsed));
  const { thisUpdate, nextUpdate } = parsed;
  if (number === undefined || nextUpdate === undefined) throw new NotACrl('It lacks a CRL number or nextUpdate.');
  return { parsed, number, thisUpdate, nextUpdate, sha256 };
}

/** The CRL in a PEM file. @throws NotACrl */
export async function publishedCrlFromPem(text: string, issuer: Issuer): Promise<PublishedCrl> {
  return publishedCrl(
    readable(() => onlyPemBlock(text, crlPemLabel)),
    issuer,
  );
}

const HASHED_AT_ONCE = 262_144;

/** SHA-256 of a CRL of any size, which at one go would hold up the event loop. */
export async function sha256InTurns(bytes: Buffer, turns = new Turns()): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += HASHED_AT_ONCE) {
    if (turns.isOver) await turns.next();
    hash.update(bytes.subarray(start, start + HASHED_AT_ONCE));
  }
  return hash.digest();
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedDer || error instanceof MalformedPem) {
      throw new NotACrl(`It cannot be read: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}
