import type { ApiToken } from '@yardarm/contract';

/** What each kind of token is called, and for whom it is. */
export const TOKEN_WORDS = {
  machine: { name: 'Machine', label: 'Machine (CI, scripts)' },
  agent: { name: 'Agent', label: 'Agent (software that decides by itself)' },
  personal: { name: 'Personal', label: 'Personal (what I may do, no more)' },
  break_glass: { name: 'Break glass', label: 'Break glass (kills, and nothing else)' },
} as const satisfies { readonly [K in ApiToken['kind']]: { readonly name: string; readonly label: string } };
