import { defineConfig } from 'vitest/config';

// Tests run from the sources: the `yardarm-source` condition resolves workspace packages to `src`.
const resolve = { conditions: ['yardarm-source', 'module', 'node', 'development|production'] };
const ssr = { resolve: { conditions: resolve.conditions, externalConditions: resolve.conditions } };

/** Vitest leaves one core to others, which on a machine with two is half of it: 24 minutes became 17. */
const twoAtOnce = { maxWorkers: 2, sequence: { groupOrder: 0 } };

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
          // Properties over hundreds of generated rule sets take seconds where two cores do everything else as well.
          testTimeout: 30_000,
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
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // A poll ends as soon as it holds; the second that it has by itself is what some timers of the server take.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          globalSetup: ['e2e/browser.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Last and alone: rows of the fault table and journeys have bars in seconds.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
