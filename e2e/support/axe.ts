/** Accessibility of what a page shows, by the rules of axe-core. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const SCHEMES = ['light', 'dark'] as const;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * What is wrong with the page or its open dialog, in either theme; empty: nothing. Of a page with less motion, since half
 * transparent text in the middle of a transition has too little contrast.
 */
export async function findViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    // The other theme is there with the next frame.
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    const violations = await page.evaluate<readonly Violation[]>('axe.run().then(({ violations }) => violations)');
    for (const { id, nodes } of violations)
      found.push(...nodes.map(({ html, failureSummary = '' }) => `${colorScheme}: ${id} at ${html}: ${failureSummary}`));
  }
  return found;
}
