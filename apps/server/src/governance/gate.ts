/**
 * The one gate of every write: nothing changes without its leave, and only this module gives it. It authorises
 * now, and again when a stored command is executed; approvals and schedules will be further kinds of decision,
 * so callers switch on `kind`. What the environments that a command touches ask besides is in govern.ts.
 */
import type { Command } from '@yardarm/contract';
import { type ActionTarget, authorize, type Principal } from '../auth/policies.ts';
import { actionOf } from '../auth/roles.ts';

declare const granted: unique symbol;

/** What a route, the seed, later the CLI's import or a schedule, asks for. */
export interface GateRequest<C extends Command = Command> extends Principal {
  readonly command: C;
  readonly requestId: string;
  /** Of the header Idempotency-Key; null without one. */
  readonly idempotencyKey: string | null;
}

/** Leave to run exactly this command, once authorised. */
export type GateGrant<C extends Command = Command> = GateRequest<C> & { readonly [granted]: true };

export interface GateDecision<C extends Command = Command> {
  readonly kind: 'apply';
  readonly grant: GateGrant<C>;
}

/** The part of a target that rights are given by. */
function placeOf(target: Command['target']): ActionTarget {
  return {
    project: 'project' in target ? target.project : undefined,
    environment: 'environment' in target ? target.environment : undefined,
  };
}

/** Throws `forbidden` when the actor may not do this at all. */
export function passGate<C extends Command>(request: GateRequest<C>): GateDecision<C> {
  authorize(request, actionOf(request.command.type), placeOf(request.command.target));
  return { kind: 'apply', grant: request as GateGrant<C> };
}
