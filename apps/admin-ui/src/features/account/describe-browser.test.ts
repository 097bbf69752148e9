import { describe, expect, it } from 'vitest';
import { describeBrowser } from './describe-browser.ts';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36';

describe('describeBrowser', () => {
  it('names the browser that calls itself others too', () => {
    expect(describeBrowser(CHROME)).toBe('Chrome on Linux');
    expect(describeBrowser(`${CHROME} Edg/153.0`)).toBe('Edge on Linux');
    expect(describeBrowser('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1')).toBe(
      'Safari on iPhone',
    );
    expect(describeBrowser('curl/8.5')).toBe('curl');
  });

  it('quotes what it does not know, and says where there is nothing', () => {
    expect(describeBrowser('x'.repeat(200))).toHaveLength(80);
    expect(describeBrowser('')).toMatch(/does not say/);
  });
});
