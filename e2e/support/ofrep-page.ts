/** A page of its own origin with the official OFREP web provider in it, and handles for a test to pull. */
import { createRequire } from 'node:module';
import { root } from '../../scripts/launch.mjs';
import { type ScriptPage, serveScriptPage } from './script-page.ts';

type Context = Readonly<Record<string, string>>;

/** What the script of the page puts on `window`. */
export interface OfrepPage {
  readonly start: (options: { baseUrl: string; key: string; context: Context }) => Promise<void>;
  readonly boolean: (flagKey: string, codeDefault: boolean) => boolean;
  readonly setContext: (context: Context) => Promise<void>;
  readonly show: () => void;
  /** Names of the events so far, in order. */
  readonly events: readonly string[];
}

export async function serveOfrepPage(): Promise<ScriptPage> {
  return serveScriptPage(await bundle());
}

async function bundle(): Promise<string> {
  // Vite belongs to the React example.
  const { build } = await import(createRequire(`${root}/examples/react/package.json`).resolve('vite'));
  const { output } = await build({
    root: `${root}/e2e/support`,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      rolldownOptions: { input: `${root}/e2e/support/ofrep-page-script.ts`, output: { format: 'iife' } },
    },
  });
  return output[0].code;
}
