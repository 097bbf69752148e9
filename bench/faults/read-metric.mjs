// @ts-check
/** What a server says of itself to Prometheus. */

const TOKEN = 'metrics-of-the-fault-rig';
/** Settings of a server that can be asked. */
export const METRICS_ENV = { YARDARM_METRICS_TOKEN: TOKEN };

/**
 * @param {{ url: string }} target
 * @param {string} start of the series that are added up, as it is written there
 * @returns {Promise<number>}
 */
export async function sumMetrics({ url }, start) {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const lines = (await response.text()).split('\n').filter((each) => each.startsWith(start));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/**
 * @param {{ url: string }} target
 * @param {string} series with its labels, as it is written there
 * @returns {Promise<number>} 0 where there is none
 */
export function readMetric(target, series) {
  return sumMetrics(target, `${series} `);
}
