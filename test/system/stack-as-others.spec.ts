import { chmodSync, chownSync, rmSync } from 'node:fs';
import { ApiSession, objectOf } from '../support/api-session';
import { RunningProduct, temporaryFolder, type ProductOptions } from './support/running-product';

const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', `--reuid=${String(NOBODY)}`, `--regid=${String(NOBODY)}`, '--clear-groups', '--'];

async function works(options: ProductOptions): Promise<void> {
  const product = await RunningProduct.start(options);
  try {
    const session = await ApiSession.signIn(product.frontendUrl, 'user');
    expect(objectOf(await session.get('/api/v1/me'))).toMatchObject({ email: 'user@example.org' });
  } finally {
    expect((await product.stop()).code).toBe(0);
  }
}

describe('npm start runs', () => {
  it('as an unprivileged user', async () => {
    const dataDirectory = temporaryFolder();
    chownSync(dataDirectory, NOBODY, NOBODY);
    try {
      await works({ dataDirectory, runAs: AS_NOBODY, variables: { HOME: dataDirectory } });
    } finally {
      rmSync(dataDirectory, { recursive: true, force: true });
    }
  });

  it('as root in a folder that nobody else may enter', async () => {
    const dataDirectory = temporaryFolder();
    chmodSync(dataDirectory, 0o700);
    try {
      await works({ dataDirectory });
    } finally {
      rmSync(dataDirectory, { recursive: true, force: true });
    }
  });
});
