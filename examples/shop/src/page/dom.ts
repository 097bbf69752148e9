/** The few ways in which the page touches its document. */

/** The element marked with `data-testid`; the page's own markup guarantees it. */
export function part<T extends HTMLElement = HTMLElement>(name: string): T {
  const found = document.querySelector<T>(`[data-testid="${name}"]`);
  if (found === null) throw new Error(`The page has no part '${name}'.`);
  return found;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Pick<HTMLElement, 'className' | 'textContent' | 'title'>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Lets the eye find what changed; the style sheet turns it off for people who asked for less motion. */
export function flash(changed: HTMLElement): void {
  changed.classList.remove('changed');
  // Reading a layout property between the two restarts the animation.
  void changed.offsetWidth;
  changed.classList.add('changed');
}
