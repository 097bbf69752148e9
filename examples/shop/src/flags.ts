/**
 * The flags that the shop asks for, each with its code default: what applies while Yardarm has never been reached. Used
 * by the shop's server and by its page.
 */
import type { JsonValue } from '@openfeature/core';

export type FlagKind = 'boolean' | 'string' | 'object';

export interface ShopFlag {
  readonly key: string;
  readonly type: FlagKind;
  readonly codeDefault: JsonValue;
  /** Which end acts on the answer; both may know it. */
  readonly usedBy: 'page' | 'server' | 'both';
}

export const SEARCH_DEFAULTS = { maxResults: 4, fuzzy: false };

export const SHOP_FLAGS = [
  { key: 'new-checkout', type: 'boolean', codeDefault: false, usedBy: 'both' },
  { key: 'recommendations', type: 'boolean', codeDefault: true, usedBy: 'page' },
  { key: 'banner-text', type: 'string', codeDefault: '', usedBy: 'page' },
  { key: 'beta-badge', type: 'boolean', codeDefault: false, usedBy: 'page' },
  { key: 'search-config', type: 'object', codeDefault: SEARCH_DEFAULTS, usedBy: 'server' },
] as const satisfies readonly ShopFlag[];

export type ShopFlagKey = (typeof SHOP_FLAGS)[number]['key'];

/** One evaluation, as the page shows it. */
export interface FlagAnswer {
  readonly key: ShopFlagKey;
  readonly value: JsonValue;
  readonly variant: string | null;
  readonly reason: string;
  readonly errorCode: string | null;
}

/** What the shop's server tells the page. */
export interface ServerState {
  readonly flags: readonly FlagAnswer[];
  /** One entry per demo visitor: does that visitor get the new checkout? */
  readonly crowd: readonly boolean[];
  /** Epoch milliseconds at which the server process last saw the answer to a flag change, by flag. */
  readonly changedAtMs: { readonly [flag: string]: number };
  /** Of the server's OpenFeature provider: NOT_READY, READY, STALE, ERROR, ... */
  readonly provider: string;
}

export const CROWD_SIZE = 100;

/** @param index 0 … CROWD_SIZE - 1 */
export function visitorId(index: number): string {
  return `visitor-${String(index).padStart(3, '0')}`;
}
