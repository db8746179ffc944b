import { DEVELOPMENT_ACCOUNTS } from '@libs/development';
import { ApiSession, objectOf } from '../../support/api-session';
import { CapturedOutput } from './captured-output';
import { TestProduct } from './test-product';

/** The product as clients of old find it, with a person and an administrator who are signed in. */
export class AskedProduct {
  private constructor(
    private readonly product: TestProduct,
    private readonly output: CapturedOutput,
    readonly user: ApiSession,
    readonly admin: ApiSession,
  ) {}

  static async start(): Promise<AskedProduct> {
    const output = new CapturedOutput();
    const product = await TestProduct.start(DEVELOPMENT_ACCOUNTS);
    const user = await ApiSession.signIn(product.frontendUrl, 'user');
    const admin = await ApiSession.signIn(product.frontendUrl, 'admin');
    return new AskedProduct(product, output, user, admin);
  }

  get url(): string {
    return this.product.frontendUrl;
  }

  get frontendConfig() {
    return this.product.frontendConfig;
  }

  at(path: string): string {
    return `${this.url}${path}`;
  }

  /** How many certificates the log has. */
  async certificates(): Promise<number> {
    return Number(objectOf(await this.admin.get('/api/v1/admin/statistics'))['certificates']);
  }

  async close(): Promise<void> {
    await this.product.close();
    this.output.restore();
  }
}
