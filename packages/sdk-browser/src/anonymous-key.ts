import { randomName } from './random-name.ts';

const ITEM = 'yardarm anonymous';

/**
 * A random targeting key that stays in this browser, so that somebody who is not signed in keeps what a rollout gave them.
 * Says nothing about the person. Where the browser keeps nothing for this page, the key lasts as long as the page does.
 */
export function anonymousKey(): string {
  try {
    // Read back: of two tabs that make one at the same time, both use the one that stayed.
    if (localStorage.getItem(ITEM) === null) localStorage.setItem(ITEM, randomName());
    return localStorage.getItem(ITEM) as string;
  } catch {
    return `page-${performance.timeOrigin}`;
  }
}
