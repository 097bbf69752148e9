/** Finds the browser of the end-to-end tests once, before any of them, and says which it is. Starts nothing. */
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Chromium, findChromium } from '../scripts/chromium.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: Chromium;
  }
}

export async function setup(project: TestProject): Promise<void> {
  const chromium = await findChromium(path.dirname(import.meta.dirname), process.env);
  console.log(`browser of the end-to-end tests: ${chromium.description}`);
  project.provide('chromium', chromium);
}
