import { describe, expect, it } from 'vitest';
import { allToggled, extendedTo, NOTHING_SELECTED, onlyOf, selectedOf, toggled } from './selection.ts';

const shown = ['a', 'b', 'c', 'd'];
const keys = (selection: { readonly keys: ReadonlySet<string> }) => [...selection.keys].sort();

describe('a selection', () => {
  it('reaches from the flag that was chosen last, whichever way', () => {
    expect(keys(extendedTo(toggled(NOTHING_SELECTED, 'c'), shown, 'a'))).toEqual(['a', 'b', 'c']);
    expect(keys(extendedTo(toggled(NOTHING_SELECTED, 'b'), shown, 'd'))).toEqual(['b', 'c', 'd']);
  });

  it('takes one flag where the one to reach from is not shown', () => {
    expect(keys(extendedTo(NOTHING_SELECTED, shown, 'b'))).toEqual(['b']);
    expect(keys(extendedTo(toggled(NOTHING_SELECTED, 'hidden'), shown, 'b'))).toEqual(['b', 'hidden']);
  });

  it('takes all that is shown, and gives all of it up again, but nothing else', () => {
    const all = allToggled(toggled(NOTHING_SELECTED, 'hidden'), shown);
    expect(keys(all)).toEqual(['a', 'b', 'c', 'd', 'hidden']);
    expect(keys(allToggled(all, shown))).toEqual(['hidden']);
  });

  it('is cut down to what is shown', () => {
    const all = allToggled(toggled(NOTHING_SELECTED, 'hidden'), shown);
    expect(keys(onlyOf(all, [{ key: 'b' }, { key: 'z' }]))).toEqual(['b']);
  });

  it('forgets flags that are gone', () => {
    expect(selectedOf(allToggled(NOTHING_SELECTED, shown), [{ key: 'b' }, { key: 'z' }])).toEqual([{ key: 'b' }]);
  });
});
