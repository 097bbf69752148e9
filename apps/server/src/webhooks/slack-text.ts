/** Text of Slack: links, and names that people choose. */

const MAX_CHARS = 300;

/** Plain text without a public address. */
export function linkTo(publicUrl: string | null, path: readonly string[], text: string): string {
  if (publicUrl === null) return escapeSlack(text);
  return `<${publicUrl}/${path.map(encodeURIComponent).join('/')}|${escapeSlack(text)}>`;
}

/** Names that people choose must make no link and no mention: Slack's three characters, and one line each. */
export function escapeSlack(text: string): string {
  const short = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
  return short
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\s|]+/g, ' ');
}
