import type { Environment, Flag } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { findCommands } from './find-commands.ts';

const environment = (key: string, name: string) => ({ key, name, color: 'gray', protected: false }) as Environment;
const environments = [environment('staging', 'Staging'), environment('production', 'Production')];
const flag = (key: string, on: boolean, description = '') =>
  ({ key, description, tags: [], environments: environments.map((one) => ({ environment: one.key, on })) }) as unknown as Flag;
const flags = [flag('old-checkout', false), flag('checkout', true, 'One page'), flag('banner', true)];
const titles = (typed: string, locked?: string) => titlesWhere(undefined, typed, locked);
const titlesWhere = (chosen: string | undefined, typed: string, locked?: string) =>
  findCommands(typed, {
    ...{ flags, environments, chosen, projects: [], mayCreate: true },
    isLocked: ({ key }) => key === locked,
  }).map(({ title }) => title);

describe('findCommands', () => {
  it('offers the pages before anything is typed, and those that are named after', () => {
    expect(titles('')).toContain('Go to Segments');
    expect(titles('segm')).toEqual(['Go to Segments']);
    expect(titles('new project')).toEqual(['Go to Settings (new project)']);
  });

  it('switches the environment of all pages, and makes flags', () => {
    expect(titles('environment')).toEqual([
      'Switch to environment Staging',
      'Switch to environment Production',
      'Switch to all environments',
    ]);
    expect(titles('new flag')).toEqual(['New flag']);
  });

  it('opens flags, those whose key begins so first', () => {
    expect(titles('check')).toEqual(['Open checkout', 'Open old-checkout']);
    expect(titles('one page')).toEqual(['Open checkout']);
  });

  it('kills what is on, in every environment or in those that are named', () => {
    expect(titles('kill checkout')).toEqual(['Kill checkout in Production', 'Kill checkout in Staging']);
    expect(titles('kill checkout prod')).toEqual(['Kill checkout in Production']);
    expect(titles('prod old on')).toEqual(['Switch old-checkout on in Production']);
  });

  it('means the environment that is chosen for all pages, else production, and never production by haste to switch on', () => {
    expect(titlesWhere('staging', 'kill checkout')).toEqual(['Kill checkout in Staging', 'Kill checkout in Production']);
    expect(titles('on old')).toEqual(['Switch old-checkout on in Staging', 'Switch old-checkout on in Production']);
    expect(titlesWhere('production', 'on old')[0]).toBe('Switch old-checkout on in Production');
  });

  it('switches nothing before a flag is named', () => {
    expect(titles('kill')).toEqual([]);
    expect(titles('kill production')).toEqual([]);
  });

  it('offers no switch that the reader has no right to', () => {
    expect(titles('kill checkout', 'production')).toEqual(['Kill checkout in Staging']);
    expect(titles('checkout prod', 'production')).toContain('Edit targeting of checkout in Production');
  });

  it('leads to the rules of a flag in an environment', () => {
    expect(titles('banner prod')).toEqual(['Open banner', 'Edit targeting of banner in Production']);
    expect(titles('edit banner')).toEqual(['Edit targeting of banner in Production', 'Edit targeting of banner in Staging']);
  });

  it('offers nothing for what nothing is called', () => {
    expect(titles('nowhere')).toEqual([]);
  });
});
