import { AxeBuilder } from '@axe-core/playwright';
import { faintFields } from './support/field-contrast';
import { PageGallery } from './support/page-gallery';

/** WCAG 2.1, levels A and AA; at 320 pixels nothing may need scrolling sideways (1.4.10). */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 320].map((width) => ({ colorScheme, width })),
);
const NOWHERE = '0'.repeat(64);

type Show = (gallery: PageGallery) => Promise<unknown>;

async function signInAs(gallery: PageGallery, password: string): Promise<void> {
  await gallery.visit('/auth/login');
  await gallery.page.getByLabel('User name').fill('user');
  await gallery.page.getByLabel('Password').fill(password);
  await gallery.page.getByRole('button', { name: 'Sign in' }).click();
}

async function signOut(gallery: PageGallery): Promise<void> {
  await signInAs(gallery, 'user');
  await gallery.page.getByRole('button', { name: 'Sign out' }).click();
}

async function revoke(gallery: PageGallery): Promise<void> {
  await gallery.open(await gallery.certificate('Lost laptop'));
  await gallery.page.getByRole('button', { name: 'Revoke for good' }).click();
}

async function renew(gallery: PageGallery): Promise<void> {
  const path = await gallery.certificate('Old laptop');
  await gallery.call(`POST ${path}/renewal`, {});
  await gallery.open(path);
}

async function decide(gallery: PageGallery, button: string): Promise<void> {
  await gallery.open(await gallery.waitingDevice());
  await gallery.page.getByRole('button', { name: button }).click();
}

async function whileSigningIsDown(gallery: PageGallery): Promise<void> {
  await gallery.open('/');
  gallery.services.mode = 'refuse';
  await gallery.page.getByRole('button', { name: 'Download profile' }).click();
}

async function whileTheLogIsDown(gallery: PageGallery): Promise<void> {
  const path = await gallery.certificate('Laptop of which nothing is known');
  gallery.services.logIsDown = true;
  await gallery.open(path);
}

async function afterAnnouncement(gallery: PageGallery): Promise<void> {
  await gallery.stolenLink();
  await revoke(gallery);
  await gallery.call('PATCH /api/v1/admin/settings', { announcement: 'The servers are restarted on Sunday.' });
  await gallery.open('/');
  await gallery.page.getByText('on Sunday').waitFor();
}

const PAGES: readonly (readonly [page: string, heading: string, show: Show])[] = [
  ['the invitation to sign in', 'OpenVPN Manager', (gallery) => gallery.visit('/')],
  ['the login', 'Sign in', (gallery) => gallery.visit('/auth/login')],
  ['a login that failed', 'Sign in', (gallery) => signInAs(gallery, 'wrong')],
  ['the sign-out at the provider', 'Sign out here, too?', signOut],
  ['the start page without a certificate', 'Hello, Ada', (gallery) => gallery.openAsNewcomer('/')],
  ['the start page with certificates and an announcement', 'Hello, Ada', afterAnnouncement],
  ['the start page for administrators', 'Hello, Ada', (gallery) => gallery.openForAdministrators('/')],
  ['a certificate', 'Laptop', async (gallery) => gallery.open(await gallery.certificate('Laptop'))],
  ['a renewed certificate', 'Old laptop', renew],
  ['a revoked certificate', 'Lost laptop', revoke],
  ['a certificate whose link was stolen', 'Phone', async (gallery) => gallery.open(await gallery.stolenLink())],
  ['a certificate of unknown state', 'Laptop of which nothing is known', whileTheLogIsDown],
  ['the form for a device’s code', 'Connect a device', (gallery) => gallery.open('/device')],
  ['a wrong code', 'Connect a device', (gallery) => gallery.open('/device?user_code=BCDF-GHJK')],
  ['a waiting device', 'A device asks for access', async (gallery) => gallery.open(await gallery.waitingDevice())],
  ['an allowed device', 'The device may go on', (gallery) => decide(gallery, 'Allow this device')],
  ['a refused device', 'The device was refused', (gallery) => decide(gallery, 'Refuse')],
  [
    'the confirmation of a program’s login',
    'A program asks for a VPN profile',
    (gallery) => gallery.open('/auth/cli-login?cli_port=5000&optionset=full-tunnel'),
  ],
  ['an unknown page', 'There is no such page', (gallery) => gallery.open('/nowhere')],
  ['an unknown certificate', 'There is no such certificate', (gallery) => gallery.open(`/certificates/${NOWHERE}`)],
  ['a page that wants a login', 'Sign in first', (gallery) => gallery.visit(`/certificates/${NOWHERE}`)],
  ['a link that is none', 'This download link is not valid', (gallery) => gallery.open('/download/ovdl_x')],
  ['a failure that passes', 'signing', whileSigningIsDown],
];

describe('for people with a disability', () => {
  let gallery: PageGallery;

  beforeAll(async () => {
    gallery = await PageGallery.start();
  });
  afterAll(() => gallery.close());
  afterEach(() => {
    gallery.services.mode = 'answer';
    gallery.services.logIsDown = false;
  });

  const violations = async () => {
    const { violations: found } = await new AxeBuilder({ page: gallery.page }).withTags(RULES).analyze();
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  };

  it.each(PAGES)('%s is without a barrier, light and dark, wide and narrow', async (_, heading, show) => {
    const { page } = gallery;
    await show(gallery);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    for (const { colorScheme, width } of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect([colorScheme, width, await violations()]).toEqual([colorScheme, width, []]);
      expect(await faintFields(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });
});
