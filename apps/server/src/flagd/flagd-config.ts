/** Settings of flagd's gRPC sync: off unless it has a port, and reached by other machines only with TLS and a key. */
import { environmentKey, projectKey } from '@yardarm/contract';
import { z } from 'zod';

export interface FlagdConfig {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Which callers without a key get. */
  readonly project: string;
  readonly environment: string;
  /** Files of PEM texts; null: no TLS. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | null;
}

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;

export const flagdVariables = {
  YARDARM_FLAGD_PORT: z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
      error: 'YARDARM_FLAGD_PORT must be a whole number from 0 to 65535, for example 8015; 0 takes any free port.',
    })
    .optional(),
  YARDARM_FLAGD_ENVIRONMENT: z
    .string()
    .refine((text) => readPlace(text) !== null, {
      error: 'YARDARM_FLAGD_ENVIRONMENT must name a project and an environment by their keys, for example shop/production.',
    })
    .optional(),
  YARDARM_FLAGD_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'YARDARM_FLAGD_HOST must be an address or a host name to listen on, for example 127.0.0.1.')
    .default('127.0.0.1'),
  YARDARM_FLAGD_TLS_CERT: z.string().optional(),
  YARDARM_FLAGD_TLS_KEY: z.string().optional(),
};

interface FlagdValues {
  readonly YARDARM_FLAGD_PORT?: string | undefined;
  readonly YARDARM_FLAGD_ENVIRONMENT?: string | undefined;
  readonly YARDARM_FLAGD_HOST: string;
  readonly YARDARM_FLAGD_TLS_CERT?: string | undefined;
  readonly YARDARM_FLAGD_TLS_KEY?: string | undefined;
}

/** What is wrong with settings that are right one by one. */
export function flagdProblems(values: FlagdValues): readonly string[] {
  const { YARDARM_FLAGD_PORT: port, YARDARM_FLAGD_HOST: host, YARDARM_FLAGD_TLS_CERT: cert, YARDARM_FLAGD_TLS_KEY: key } = values;
  const problems: string[] = [];
  if (port !== undefined && values.YARDARM_FLAGD_ENVIRONMENT === undefined)
    problems.push(
      'YARDARM_FLAGD_PORT needs YARDARM_FLAGD_ENVIRONMENT, the environment that the port serves, for example shop/production.',
    );
  if ((cert === undefined) !== (key === undefined))
    problems.push('YARDARM_FLAGD_TLS_CERT and YARDARM_FLAGD_TLS_KEY go together: set both, or neither.');
  if (!LOOPBACK.test(host) && cert === undefined)
    problems.push(
      'YARDARM_FLAGD_HOST lets other machines in, for which the flags must be encrypted: set YARDARM_FLAGD_TLS_CERT and YARDARM_FLAGD_TLS_KEY, or listen on 127.0.0.1.',
    );
  return problems;
}

/** Null: off. */
export function toFlagdConfig(values: FlagdValues): FlagdConfig | null {
  const place = readPlace(values.YARDARM_FLAGD_ENVIRONMENT ?? '');
  const { YARDARM_FLAGD_PORT: port, YARDARM_FLAGD_TLS_CERT: certificateFile, YARDARM_FLAGD_TLS_KEY: keyFile } = values;
  if (port === undefined || place === null) return null;
  const tls = certificateFile === undefined || keyFile === undefined ? null : { certificateFile, keyFile };
  return { ...place, port: Number(port), host: values.YARDARM_FLAGD_HOST, tls };
}

/** Whether only this machine reaches a listener on this address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

function readPlace(text: string): { readonly project: string; readonly environment: string } | null {
  const [project, environment, more] = text.split('/');
  if (more !== undefined || !projectKey.safeParse(project).success || !environmentKey.safeParse(environment).success) return null;
  return { project: project ?? '', environment: environment ?? '' };
}
