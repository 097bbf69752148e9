/** Composition of what flagd reads: definitions, their routes, and the gRPC port where there is one. */
import { readFile } from 'node:fs/promises';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { App } from '../http/app-type.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { StartError } from '../start-error.ts';
import { type FlagdConfig, isLoopback } from './flagd-config.ts';
import { createFlagdDefinitions } from './flagd-export.ts';
import { registerFlagdRoutes } from './flagd-routes.ts';
import { type FlagdServer, type FlagdTls, startFlagdServer } from './flagd-server.ts';
import { registerPortabilityRoutes } from './portability-routes.ts';

export interface FlagdOptions {
  readonly source: ViewSource;
  readonly log: FastifyBaseLogger;
  /** Null: no gRPC. */
  readonly config: FlagdConfig | null;
  /** Flags of an environment were fetched. Without a key the environment's own id stands for it. */
  readonly onUse: (key: Pick<SdkKey, 'id' | 'environmentId'>) => void;
}

export interface Flagd {
  readonly registerRoutes: (app: FastifyInstance) => void;
  readonly registerManagementRoutes: (app: App) => void;
  /** What is served of an environment has changed. */
  readonly advance: (served: ServedEnvironment) => void;
  /** Opens the gRPC port, where there is one. Throws a StartError. */
  readonly listen: () => Promise<void>;
  /** Null while it does not listen. */
  readonly port: () => number | null;
  readonly close: () => Promise<void>;
}

export function startFlagd({ source, log, config, onUse }: FlagdOptions): Flagd {
  const definitions = createFlagdDefinitions();
  let server: FlagdServer | undefined;
  return {
    registerRoutes: (app) => registerFlagdRoutes(app, { source, definitions, onUse }),
    registerManagementRoutes: (app) => registerPortabilityRoutes(app, { cache: source.cache, definitions }),
    advance: (served) => server?.advance(served),
    listen: async () => {
      if (config === null) return;
      const { host, port, project, environment } = config;
      server = await startFlagdServer({
        ...{ source, definitions, log, host, port, environment: { project, environment } },
        tls: config.tls === null ? null : await readTls(config.tls),
        isKeyNeeded: !isLoopback(host),
        onUse: (environmentId, key) => onUse(key ?? { id: environmentId, environmentId }),
      });
      log.info({ host, port: server.port, project, environment }, 'gRPC sync for flagd is listening');
    },
    port: () => server?.port ?? null,
    close: async () => server?.close(),
  };
}

async function readTls({ certificateFile, keyFile }: NonNullable<FlagdConfig['tls']>): Promise<FlagdTls> {
  const read = (file: string, variable: string) =>
    readFile(file).catch((cause) => {
      throw new StartError(`The file '${file}' of ${variable} cannot be read (${cause.code}).`, { cause });
    });
  return {
    certificate: await read(certificateFile, 'YARDARM_FLAGD_TLS_CERT'),
    key: await read(keyFile, 'YARDARM_FLAGD_TLS_KEY'),
  };
}
