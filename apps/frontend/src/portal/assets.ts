import { createHash } from 'node:crypto';
import { SCRIPT } from './script';
import { STYLESHEET } from './stylesheet';

/** A static file of the portal. Its name contains the hash of its content, so that browsers may keep it for ever. */
export interface Asset {
  readonly type: string;
  readonly content: string;
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#2447b8"/>
<g fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">
<path d="M12 5 6 7.4v4.3c0 3.6 2.5 6.2 6 7.5 3.5-1.3 6-3.9 6-7.5V7.4Z"/><circle cx="12" cy="11" r="1.5"/><path d="M12 12.5V15"/></g></svg>`;

export const STYLESHEET_PATH = `/assets/portal-${hashOf(STYLESHEET)}.css`;
export const SCRIPT_PATH = `/assets/portal-${hashOf(SCRIPT)}.js`;
export const ICON_PATH = `/assets/icon-${hashOf(ICON)}.svg`;

export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  [STYLESHEET_PATH, { type: 'text/css', content: STYLESHEET }],
  [SCRIPT_PATH, { type: 'text/javascript', content: SCRIPT }],
  [ICON_PATH, { type: 'image/svg+xml', content: ICON }],
]);

function hashOf(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex').slice(0, 12);
}
