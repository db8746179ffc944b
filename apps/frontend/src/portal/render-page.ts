import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A page as HTML text; everything interpolated has been escaped. */
export function renderPage(page: VNode): string {
  return `<!doctype html>${renderToString(page)}`;
}
