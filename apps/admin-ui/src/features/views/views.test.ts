import type { SavedView } from '@yardarm/contract';
import { expect, it } from 'vitest';
import { currentView, toSaved } from './views.ts';

const view = (name: string, filter: Record<string, string>) => ({ id: name, name, filter, shared: false }) as SavedView;

it('knows the view that is shown by its filters, all of them and no other', () => {
  const views = [view('search', { owner: 'search' }), view('search, on', { owner: 'search', on: 'production' })];
  expect(currentView(views, { owner: 'search', q: '' })?.name).toBe('search');
  expect(currentView(views, { on: 'production', owner: 'search' })?.name).toBe('search, on');
  expect(currentView(views, { owner: 'search', tag: 'web' })).toBeUndefined();
});

it('keeps only filters that are set', () => {
  expect(toSaved({ q: '', owner: 'search', tag: undefined })).toEqual({ owner: 'search' });
});
