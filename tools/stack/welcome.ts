import { DEVELOPMENT_ACCOUNTS } from '@libs/development';
import type { Stack } from './stack';

/** The short screen after the start: where things are, who can log in, what to try. */
export function welcome(stack: Stack): string {
  const { addresses, data } = stack;
  const logins = DEVELOPMENT_ACCOUNTS.map(
    (account) => `    ${`${account.username} / ${account.password}`.padEnd(20)} ${account.hint}`,
  );
  return `
  Open      ${addresses.frontend}

  Log in as
${logins.join('\n')}

  API       ${addresses.frontend}/api/docs
  signing   ${addresses.signing}    log  ${addresses.certtransparency}/checkpoint
  CRL       ${addresses.frontend}/crl.pem
  Data      ${data.directory}  (logs in ${data.path('logs')})

  To try: log in as user, choose an option, download a profile and prove that it stands in the log:
    npm run ct-verify -- profile --key-file ${data.verifierKeyFile()} ~/Downloads/NAME.ovpn

  For administrators: docs/operations/administration.md

  Ctrl-C stops everything.

`;
}
