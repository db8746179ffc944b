import type { Page } from 'playwright-core';

/** What stands out less than that from its surroundings is not seen by everybody (WCAG 2.1, 1.4.11). */
const LEAST = 3;

/** In the browser: name, edge and surroundings of every field that is drawn by the page's own style. */
const FIELDS = `[...document.querySelectorAll('input:not([type=hidden], [type=checkbox]), select')].map((field) => {
  const background = (element) => getComputedStyle(element).backgroundColor;
  let behind = field.parentElement;
  while (behind !== document.body && background(behind) === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  return [field.name, getComputedStyle(field).borderTopColor, background(behind)];
})`;

/** Names of the fields whose edge can hardly be seen. The rules of axe do not look at edges. */
export async function faintFields(page: Page): Promise<readonly string[]> {
  const fields: readonly (readonly [name: string, edge: string, surroundings: string])[] = await page.evaluate(FIELDS);
  return fields.filter(([, edge, surroundings]) => contrast(edge, surroundings) < LEAST).map(([name]) => name);
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Of a colour as browsers compute it: `rgb(1, 2, 3)`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
