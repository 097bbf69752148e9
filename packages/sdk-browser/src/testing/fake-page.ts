/** What a browser has and Node has not, as far as the provider uses it. Globals are restored by `vi.unstubAllGlobals`. */
import { vi } from 'vitest';

export function fakeStorage(items: { readonly [key: string]: string } = {}) {
  const held = new Map(Object.entries(items));
  return {
    get length() {
      return held.size;
    },
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  };
}

export function fakePage() {
  const target = new EventTarget();
  const document = { hidden: false };
  let listeners = 0;
  vi.stubGlobal('document', document);
  vi.stubGlobal('addEventListener', (type: string, listener: (event: Event) => void) => {
    listeners++;
    target.addEventListener(type, listener);
  });
  vi.stubGlobal('removeEventListener', (type: string, listener: (event: Event) => void) => {
    listeners--;
    target.removeEventListener(type, listener);
  });
  const tell = (type: string) => void target.dispatchEvent(new Event(type));
  return {
    tell,
    listeners: () => listeners,
    setHidden: (hidden: boolean) => {
      document.hidden = hidden;
      tell('visibilitychange');
    },
  };
}
