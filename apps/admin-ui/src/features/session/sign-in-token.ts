/** The token of what a person pasted: a whole link, its fragment, or the token itself. Empty where there is none. */
export function toToken(text: string): string {
  const trimmed = text.trim();
  return trimmed.slice(trimmed.indexOf('#') + 1);
}
