import { defineConfig } from 'vitest/config';

// Tests run from the sources: the `yardarm-source` condition resolves workspace packages to `src`.
const resolve = { conditions: ['yardarm-source', 'module', 'node', 'development|production'] };
const ssr = { resolve: { conditions: resolve.conditions, externalConditions: resolve.conditions } };

/** Vitest leaves one core to others, which on a machine with two is half of it: 24 minutes became 17. */
const twoAtOnce = { maxWorkers: 2, sequence: { groupOrder: 0 } };

/**
 * Only what hangs is ended: a busy machine takes ten times as long as a quiet one, and how fast something is, `bench/`
 * judges. A poll ends as soon as it holds; the second that it has by itself is what some timers of the server take.
 */
const patience = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 20_000 } } };

export default defineConfig({
  test: {
    // Three suites in one run: `unit` needs nothing, `db` a real Postgres, `e2e` a build and a real Chromium.
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          ...twoAtOnce,
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.{ts,tsx}',
            'examples/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['**/*.db.test.ts', '**/node_modules/**'],
          ...patience,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'db',
          ...twoAtOnce,
          include: ['apps/server/src/**/*.db.test.ts'],
          globalSetup: ['apps/server/src/testing/database.setup.ts'],
          ...patience,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          globalSetup: ['e2e/browser.setup.ts'],
          ...patience,
          // Last and alone: rows of the fault table and journeys have bars in seconds.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
