import { describe, expect, it } from 'vitest';
import { isElsewhere } from './is-elsewhere.ts';

const at = (pathname: string, environment?: string) => ({ pathname, search: { ...(environment && { environment }) } });

describe('isElsewhere', () => {
  it('tells another page and another environment from the same place', () => {
    expect(isElsewhere(at('/segments/staff', 'dev'), at('/segments/staff', 'dev'))).toBe(false);
    expect(isElsewhere(at('/segments/staff', 'dev'), at('/segments/staff', 'production'))).toBe(true);
    expect(isElsewhere(at('/segments/staff'), at('/segments'))).toBe(true);
  });
});
