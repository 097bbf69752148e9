import type { Project } from '@yardarm/contract';
import { expect, it } from 'vitest';
import { projectOpenLast } from './last-project.ts';

it('means the project that was open last, and the first where that one is unknown or gone', () => {
  const projects = [{ key: 'empty' }, { key: 'shop' }] as Project[];
  expect(['shop', 'gone', null].map((last) => projectOpenLast(projects, last)?.key)).toEqual(['shop', 'empty', 'empty']);
  expect(projectOpenLast([], 'shop')).toBeUndefined();
});
