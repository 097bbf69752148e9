// @ts-check
/** Row 12, those with a stream: the server is killed under many SDK replicas and started again, and each comes back by its own back-off. */
import { runHerd } from '../delivery/herd.mjs';
import { herdMeasures } from '../delivery/herd-bars.mjs';

/** `handshakesPerSecond`: what the server is set to; by default, its own default. `comparesLatency`: of reads. */
export async function socketHerd({ sockets = 10_000, handshakesPerSecond = 1_000, comparesLatency = true } = {}) {
  return herdMeasures(await runHerd({ sockets, handshakesPerSecond }), comparesLatency);
}
