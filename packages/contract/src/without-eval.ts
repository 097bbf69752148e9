import { config } from 'zod/v4/core';

/**
 * For pages whose content security policy forbids eval; to be called before the schemas are loaded. Zod would try eval to find out,
 * which browsers report as a violation.
 */
export function validateWithoutEval(): void {
  config({ jitless: true });
}
