import { describe, expect, it } from 'vitest';
import { tableColumns, withFirst } from './table-columns.ts';

/** Of the window, less what stands beside the list. */
const roomOf = (windowPx: number) => (windowPx - 296) / 16;

const USUAL = { owner: true, created: false, evaluated: true };

describe('tableColumns', () => {
  it('shows everything on a large screen, closer together before anything is left out', () => {
    expect(tableColumns(roomOf(1440), USUAL, 3)).toMatchObject({
      owner: true,
      evaluated: true,
      environmentRem: 10.25,
      fit: true,
    });
    expect(tableColumns(roomOf(1440), USUAL, 4)).toMatchObject({ owner: true, evaluated: true, environmentRem: 8.5, fit: true });
  });

  it('leaves out the last evaluation first, then owner and expiry', () => {
    expect(tableColumns(roomOf(1200), USUAL, 3)).toMatchObject({ owner: true, evaluated: false, fit: true });
    expect(tableColumns(roomOf(960), USUAL, 3)).toMatchObject({ owner: false, evaluated: false, fit: true });
  });

  it('says where environments have to be scrolled to', () => {
    expect(tableColumns(358 / 16, USUAL, 3)).toMatchObject({ owner: false, fit: false, leastRem: 2 + 13 + 3 * 8.5 });
    expect(tableColumns(roomOf(1440), USUAL, 9).fit).toBe(false);
  });

  it('has no column that is not chosen, and room for another instead', () => {
    expect(tableColumns(roomOf(1200), { ...USUAL, owner: false }, 3)).toMatchObject({ owner: false, evaluated: true, fit: true });
    expect(tableColumns(roomOf(1700), { ...USUAL, created: true }, 3)).toMatchObject({
      created: true,
      evaluated: true,
      fit: true,
    });
    expect(tableColumns(roomOf(1440), { ...USUAL, created: true }, 4)).toMatchObject({
      created: false,
      evaluated: true,
      fit: true,
    });
  });
});

describe('withFirst', () => {
  const environments = [{ key: 'dev' }, { key: 'staging' }, { key: 'production' }];

  it('puts one environment before the others', () => {
    expect(withFirst(environments, 'production').map(({ key }) => key)).toEqual(['production', 'dev', 'staging']);
  });

  it('brings no column back that was left out', () => {
    expect(withFirst(environments, 'canary')).toEqual(environments);
    expect(withFirst([], 'production')).toEqual([]);
  });
});
