/** Whose flags a gRPC call gets: those of its key where it sends one, else those of the port. */
import { type Metadata, status } from '@grpc/grpc-js';
import { findEnvironment, type ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { admit, readBearer, refusedKey } from '../delivery/sync-credentials.ts';
import { AppError } from '../errors.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';

/** What a call is refused with, as gRPC says it. */
export interface FlagdRefusal {
  readonly code: status;
  readonly details: string;
}

export interface FlagdCaller {
  readonly served: ServedEnvironment;
  /** Null: it came without one, to a port that lets it. */
  readonly key: SdkKey | null;
}

export interface FlagdCallerOptions {
  readonly source: ViewSource;
  /** `project` and `environment` that callers without a key get. */
  readonly environment: { readonly project: string; readonly environment: string };
  /** A port that other machines reach asks for a key. */
  readonly isKeyNeeded: boolean;
}

export async function findCaller(
  metadata: Metadata,
  selector: string,
  { source, environment, isKeyNeeded }: FlagdCallerOptions,
): Promise<FlagdCaller | FlagdRefusal> {
  const [authorization] = metadata.get('authorization');
  const caller =
    authorization === undefined ? ownOf(source, environment, isKeyNeeded) : await ofKey(String(authorization), source);
  if ('code' in caller) return caller;
  const { project, environment: name } = caller.served.rules;
  const [inHeader] = metadata.get('flagd-selector');
  const wanted = String(inHeader ?? selector);
  if (wanted === '' || wanted === name || wanted === `${project}/${name}`) return caller;
  return {
    code: status.NOT_FOUND,
    details: `The selector is '${wanted}', and this is ${project}/${name}: leave it out, or name that.`,
  };
}

function ownOf(source: ViewSource, { project, environment }: FlagdCallerOptions['environment'], isKeyNeeded: boolean) {
  if (isKeyNeeded)
    return {
      code: status.UNAUTHENTICATED,
      details: 'Send a server key of the environment in the metadata: authorization: Bearer <key>.',
    };
  const served = source.cache.find(project, environment);
  if (served !== undefined) return { served, key: null };
  return { code: status.UNAVAILABLE, details: `There is no environment ${project}/${environment} here, or not yet.` };
}

async function ofKey(authorization: string, source: ViewSource): Promise<FlagdCaller | FlagdRefusal> {
  const secret = readBearer(authorization) ?? '';
  try {
    const key = await admit({ secret, fromSubprotocol: false }, source.keys);
    if (key === null) return { code: status.UNAUTHENTICATED, details: refusedKey(secret) };
    if (key.kind === 'client')
      return {
        code: status.PERMISSION_DENIED,
        details: 'A client key sees hashed rules, which flagd cannot read: use a server key.',
      };
    source.use.note(key.id);
    return { served: await findEnvironment(key, source), key };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const code = error.code === 'unauthenticated' ? status.UNAUTHENTICATED : status.UNAVAILABLE;
    return { code, details: error.message };
  }
}
