import { ExitStatus, Failed } from '../failed';

interface TokenAnswer {
  readonly ok: boolean;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The access token of a token endpoint's answer (RFC 6749 §5.1). @throws Failed */
export function accessTokenOf({ ok, value }: TokenAnswer): string {
  const { access_token: token, title } = value;
  if (ok && typeof token === 'string' && token !== '') return token;
  const reason = typeof title === 'string' ? title : 'The frontend did not give an access token';
  throw new Failed(ExitStatus.notSignedIn, `${reason}.`);
}
