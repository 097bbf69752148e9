/** Every system that flags are read from. A new one is a folder beside this file and a line here. */
import { flagdSource } from './flagd/flagd-source.ts';
import { growthBookSource } from './growthbook/growthbook-source.ts';
import type { Source } from './imported.ts';
import { launchDarklySource } from './launchdarkly/launchdarkly-source.ts';
import { unleashSource } from './unleash/unleash-source.ts';

export const SOURCE_NAMES = ['flagd', 'unleash', 'launchdarkly', 'growthbook'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

export const SOURCES: { readonly [name in SourceName]?: Source } = {
  flagd: flagdSource,
  unleash: unleashSource,
  launchdarkly: launchDarklySource,
  growthbook: growthBookSource,
};
