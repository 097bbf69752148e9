/** Of every answer below `/ofrep`. Any page may ask, since the key decides; of the headers a page of another site reads those named. */
export const OFREP_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'ETag, Retry-After',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
} as const;

export const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'POST, GET',
  'Access-Control-Allow-Headers': 'Content-Type, Authorization, X-API-Key, If-None-Match',
  'Access-Control-Max-Age': '7200',
} as const;
