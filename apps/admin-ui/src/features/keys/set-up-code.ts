/** What connects an application, language by language, ready to be pasted. Pure. */
import type { SdkKey } from '@yardarm/contract';

export const LANGUAGES = [
  { language: 'node', title: 'Node', kind: 'server' },
  { language: 'browser', title: 'Browser', kind: 'client' },
  { language: 'react', title: 'React', kind: 'client' },
  { language: 'nestjs', title: 'NestJS', kind: 'server' },
  { language: 'curl', title: 'curl', kind: 'server' },
  { language: 'other', title: 'Others', kind: 'server' },
] as const satisfies readonly { language: string; title: string; kind: SdkKey['kind'] }[];
export type Language = (typeof LANGUAGES)[number]['language'];

export interface SetUp {
  /** Origin of this server, as the application reaches it. */
  readonly url: string;
  /** The key itself where it was just made; null: what stands for it. */
  readonly key: string | null;
  /** What the application calls itself. */
  readonly app: string;
  /** A boolean flag to ask for. */
  readonly flag: string;
}

export interface CodeStep {
  readonly title: string;
  readonly code: string;
}

export interface Instructions {
  readonly steps: readonly CodeStep[];
  readonly note: string;
}

const SERVER_NOTE =
  'A server key reads the whole rule set, targets and segments included. It is a secret: keep it out of the code.';
const CLIENT_NOTE =
  'A client key is public. It reads only flags that are sent to browsers, with names of people and lists hashed.';
const REMOTE_NOTE =
  'The server evaluates, one request at a time: nothing stays connected, no evaluation is counted, and without the server there is none.';
/** What stands for a key that is not at hand: it is shown once, when it is made. */
const SERVER_KEY = 'ys_…';
const CLIENT_KEY = 'yc_…';

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some(({ language }) => language === value);
}

export function kindOf(language: Language): SdkKey['kind'] {
  return LANGUAGES.find((one) => one.language === language)?.kind ?? 'server';
}

/** Whether it stays connected and counts its evaluations, so that there is something to wait for. */
export function isWatched(language: Language): boolean {
  return language !== 'curl' && language !== 'other';
}

export function instructionsFor(language: Language, setUp: SetUp): Instructions {
  return INSTRUCTIONS[language](setUp);
}

const INSTRUCTIONS: Readonly<Record<Language, (setUp: SetUp) => Instructions>> = {
  node: (setUp) => ({
    steps: [
      install('@openfeature/server-sdk', 'sdk-node'),
      environmentKey(setUp),
      { title: 'Ask for a flag', code: node(setUp) },
    ],
    note: SERVER_NOTE,
  }),
  browser: (setUp) => ({
    steps: [install('@openfeature/web-sdk', 'sdk-browser'), { title: 'Ask for a flag', code: browser(setUp) }],
    note: CLIENT_NOTE,
  }),
  react: (setUp) => ({
    steps: [
      install('@openfeature/react-sdk @openfeature/web-sdk', 'sdk-browser'),
      { title: 'Ask for a flag in a component', code: react(setUp) },
    ],
    note: `${CLIENT_NOTE} A component is drawn again when its own flag changes, and not when another does.`,
  }),
  nestjs: (setUp) => ({
    steps: [
      install('@openfeature/nestjs-sdk @openfeature/server-sdk', 'sdk-node'),
      environmentKey(setUp),
      { title: 'Provide it in the module', code: nestModule(setUp) },
      { title: 'Ask for a flag in a controller', code: nestController(setUp) },
    ],
    note: `${SERVER_NOTE} With app.enableShutdownHooks() NestJS sends the last counts when it stops.`,
  }),
  curl: (setUp) => ({
    steps: [environmentKey(setUp), { title: 'Ask for a flag, with a context', code: ofrepCall(setUp) }],
    note: REMOTE_NOTE,
  }),
  other: (setUp) => ({
    steps: [
      environmentKey(setUp),
      {
        title:
          'Give this to the OFREP provider of OpenFeature for your language: Go, Java, Python, .NET, PHP, Ruby, Rust, Swift, Kotlin',
        code: `base URL   ${setUp.url}\nheader     Authorization: Bearer $YARDARM_SERVER_KEY`,
      },
      { title: 'It then asks the server as this does', code: ofrepCall(setUp) },
    ],
    note: `There is no Yardarm SDK for these languages; any official OFREP provider works. ${REMOTE_NOTE}`,
  }),
};

function install(packages: string, sdk: 'sdk-node' | 'sdk-browser'): CodeStep {
  return {
    title: `Install. @yardarm/${sdk} is on no registry yet: the path is that of a clone, after npm run build`,
    code: `npm install ${packages} /path/to/yardarm/packages/${sdk}`,
  };
}

function environmentKey({ key }: SetUp): CodeStep {
  return { title: 'Hand the key over', code: `export YARDARM_SERVER_KEY=${key ?? SERVER_KEY}` };
}

function ofrepCall({ url, flag }: SetUp): string {
  return `curl -X POST -H "Authorization: Bearer $YARDARM_SERVER_KEY" -H 'Content-Type: application/json' \\
  -d '{ "context": { "targetingKey": "user-1" } }' ${url}/ofrep/v1/evaluate/flags/${flag}`;
}

/** A script text of JavaScript: names of applications are typed by people. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function node({ url, app, flag }: SetUp): string {
  return `import { OpenFeature } from '@openfeature/server-sdk';
import { YardarmProvider } from '@yardarm/sdk-node';

const provider = new YardarmProvider({
  url: '${url}',
  key: process.env.YARDARM_SERVER_KEY,
  app: { name: ${quoted(app)} },
});
// Without a server in 3 s: code defaults, until there is one.
await OpenFeature.setProviderAndWait(provider).catch(console.warn);

const flags = OpenFeature.getClient();
const context = { targetingKey: 'user-1' };
console.log(await flags.getBooleanValue('${flag}', false, context));

// Sends the last counts. A server does it when it stops.
await OpenFeature.close();`;
}

function browser({ url, key, app, flag }: SetUp): string {
  return `import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { YardarmWebProvider } from '@yardarm/sdk-browser';

const provider = new YardarmWebProvider({
  url: '${url}',
  key: '${key ?? CLIENT_KEY}',
  app: { name: ${quoted(app)} },
});
OpenFeature.setContext({ targetingKey: 'user-1' });
OpenFeature.setProvider(provider);

const flags = OpenFeature.getClient();
flags.addHandler(ProviderEvents.Ready, render);
flags.addHandler(ProviderEvents.ConfigurationChanged, render);
function render() {
  console.log(flags.getBooleanValue('${flag}', false));
}`;
}

function react({ url, key, app, flag }: SetUp): string {
  return `import { OpenFeature, OpenFeatureProvider, useFlag } from '@openfeature/react-sdk';
import { YardarmWebProvider } from '@yardarm/sdk-browser';

const provider = new YardarmWebProvider({
  url: '${url}',
  key: '${key ?? CLIENT_KEY}',
  app: { name: ${quoted(app)} },
});
OpenFeature.setContext({ targetingKey: 'user-1' });
OpenFeature.setProvider(provider);

function Checkout() {
  const { value } = useFlag('${flag}', false);
  return <p>{value ? 'on' : 'off'}</p>;
}

export function App() {
  return (
    <OpenFeatureProvider>
      <Checkout />
    </OpenFeatureProvider>
  );
}`;
}

function nestModule({ url, app }: SetUp): string {
  return `import { Module } from '@nestjs/common';
import { OpenFeatureModule } from '@openfeature/nestjs-sdk';
import { YardarmProvider } from '@yardarm/sdk-node';

const defaultProvider = new YardarmProvider({
  url: '${url}',
  key: process.env.YARDARM_SERVER_KEY,
  app: { name: ${quoted(app)} },
});

@Module({
  imports: [
    OpenFeatureModule.forRoot({
      defaultProvider,
      contextFactory: (execution) => ({
        targetingKey: execution.switchToHttp().getRequest().user?.id,
      }),
    }),
  ],
})
export class AppModule {}`;
}

function nestController({ flag }: SetUp): string {
  return `import { Controller, Get } from '@nestjs/common';
import { BooleanFeatureFlag } from '@openfeature/nestjs-sdk';
import type { EvaluationDetails } from '@openfeature/server-sdk';
import { map, type Observable } from 'rxjs';

@Controller()
export class CheckoutController {
  @Get('/checkout')
  show(
    @BooleanFeatureFlag({ flagKey: '${flag}', defaultValue: false })
    details: Observable<EvaluationDetails<boolean>>,
  ) {
    return details.pipe(map(({ value }) => (value ? 'on' : 'off')));
  }
}`;
}
