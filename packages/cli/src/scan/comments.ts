/**
 * Comments of the languages whose syntax tree is not read. Only what surely is one counts as one: a comment that is taken for code
 * costs a look, code that is taken for a comment hides a reference. Hence strings are stepped over, and a `//` behind a colon, a
 * quote or a backslash begins nothing: apostrophes in texts and literals of regular expressions mislead about where strings end.
 * Whatever a file holds, it takes a time that grows as the file does: a pull request of a stranger is read, too. Hence what is longer than a
 * line is a span: its end is looked for once, however many beginnings there are before it.
 */
import { type Ends, findEnds } from './find-ends.ts';

interface Span {
  readonly open: string;
  /** Behind the beginning. Where its group `not` took part that was none. */
  readonly end: string;
}
type Pattern = string | Span;

const DOUBLE = String.raw`"(?:[^"\\\n]|\\.)*"`;
/** No apostrophe within a word; letters before it may say what kind of string it is. */
const APOSTROPHE = String.raw`(?<!\w(?<!\b[fFrRbBuUlL]{1,2}))'`;
const SINGLE = String.raw`${APOSTROPHE}(?:[^'\\\n]|\\.)*'`;
const BACK = String.raw`\x60(?:[^\x60\\]|\\[\s\S])*\x60`;
const TRIPLE = String.raw`"""[\s\S]*?"""|'''[\s\S]*?'''`;
/** As in `"${isOn("`: a string goes on behind the one in it, so that what follows on the line may be in a string. */
const INTO = String.raw`(?:[$#]?\{|[$\\]\()`;
const OPEN_DOUBLE = String.raw`"(?:[^"\\\n]|\\.)*?${INTO}[^"{})\n]{0,300}"[^\n]*`;
const OPEN_SINGLE = String.raw`${APOSTROPHE}(?:[^'\\\n]|\\.)*?${INTO}[^'{})\n]{0,300}'[^\n]*`;
const OPEN_BACK = String.raw`\x60(?:[^\x60\\]|\\[\s\S])*?${INTO}[^\x60{})\n]{0,300}\x60[^\n]*`;
const ESCAPED = String.raw`\\.`;
const STRINGS = [TRIPLE, OPEN_DOUBLE, OPEN_SINGLE, OPEN_BACK, DOUBLE, SINGLE, BACK, ESCAPED];
/** To a line that begins with its tag. */
const HEREDOC = String.raw`<<[-~<]?[ \t]?["']?(?<tag>[A-Z_]\w*)(?!\w)`;

const BEFORE_SLASHES = String.raw`(?<![\\:"'\x60/])`;
const OPEN_BLOCK = String.raw`(?<![\\[*\w."'\x60/-])\/\*`;
const BLOCK = { open: OPEN_BLOCK, end: String.raw`\*\/` };
const SLASHES = [String.raw`${BEFORE_SLASHES}\/\/[^\n]*`, BLOCK];
/** Not within a word: `$#` in a shell and `a#b` in YAML begin none, nor `#{` in a string, nor `#[`, an attribute of PHP or Rust. */
const HASH = String.raw`(?<![^\s;])#(?![[{])`;
/** At the head of a file, a class or a function, on a line of usual length. */
const DOCSTRING = String.raw`(?="""|''')(?<=(?:(?<![\s\S])(?:[ \t]*(?:#[^\n]*)?\n)*|^[ \t]*(?:(?:async[ \t]+)?def\b|class\b|\))[^\n]{0,500}:[ \t]*(?:#[^\n]{0,500})?\n(?:[ \t]*\n)*)[ \t]*[rRuU]?)(?:${TRIPLE})`;
const DOC_OF_ELIXIR = String.raw`@(?:module|type)?doc[ \t]+(?:~[sS])?(?:${TRIPLE})`;
/** What a template puts in is evaluated in a comment, too. */
const TEMPLATE = String.raw`<[%?]|\{[{%]`;
const ATTRIBUTES = String.raw`(?:[^<>]|<(?!script\b))*`;
/** Not one that holds a template: it is no code. */
const SCRIPT = {
  open: String.raw`<script\b(?!${ATTRIBUTES}\b(?:template|html|x-|ng-))${ATTRIBUTES}>`,
  end: String.raw`<\/script\s*>`,
};

/** Of long brackets of Lua, by what stands between these. */
const LONG_BRACKETS = ['', '=', '==', '===', '====', '====='].map((level) => ({
  open: `\\[${level}\\[`,
  end: `\\]${level}\\]`,
}));
const DASHES = String.raw`(?<![!\w-])--(?!>)[^\n]*`;

type SyntaxName =
  | 'slashes'
  | 'rust'
  | 'go'
  | 'hash'
  | 'ruby'
  | 'elixir'
  | 'php'
  | 'dashes'
  | 'lua'
  | 'markup'
  | 'components'
  | 'script';
interface Syntax {
  readonly comments: readonly Pattern[];
  /** The longer forms come first. */
  readonly strings: readonly Pattern[];
  /** Parts in another language. */
  readonly islands?: { readonly patterns: readonly Pattern[]; readonly syntax: SyntaxName };
}

const SYNTAX: Readonly<Record<SyntaxName, Syntax>> = {
  slashes: { comments: SLASHES, strings: STRINGS },
  // A lifetime of Rust begins with a quote and has no end; a character has one.
  rust: { comments: SLASHES, strings: [DOUBLE, String.raw`'(?:[^'\\\n]|\\.)'`] },
  go: {
    comments: [{ open: String.raw`^import\s*\(`, end: String.raw`\)` }, ...SLASHES],
    strings: [DOUBLE, String.raw`\x60[^\x60]*\x60`, SINGLE],
  },
  hash: {
    comments: [DOCSTRING, { open: String.raw`^=(?:pod|head\d|over|item|begin)\b`, end: String.raw`^=cut\b` }, `${HASH}[^\\n]*`],
    strings: [HEREDOC, ...STRINGS],
  },
  ruby: { comments: [{ open: '^=begin', end: '^=end' }, `${HASH}[^\\n]*`], strings: [HEREDOC, ...STRINGS] },
  // What stands behind `def … do:` is its value.
  elixir: { comments: [DOC_OF_ELIXIR, `${HASH}[^\\n]*`], strings: [HEREDOC, ...STRINGS] },
  php: {
    // They end where PHP does.
    comments: [String.raw`(?:${BEFORE_SLASHES}\/\/|${HASH})(?:(?!\?>)[^\n])*`, BLOCK],
    strings: [HEREDOC, OPEN_DOUBLE, OPEN_SINGLE, DOUBLE, SINGLE, ESCAPED],
    islands: { patterns: [String.raw`(?:(?<![\s\S])|\?>)[\s\S]*?(?:<\?|(?![\s\S]))`], syntax: 'markup' },
  },
  dashes: { comments: [DASHES, BLOCK], strings: [OPEN_DOUBLE, OPEN_SINGLE, DOUBLE, SINGLE, ESCAPED] },
  lua: {
    comments: [...LONG_BRACKETS.map(({ open, end }) => ({ open: `--${open}`, end })), DASHES],
    strings: [...LONG_BRACKETS, OPEN_DOUBLE, OPEN_SINGLE, DOUBLE, SINGLE, ESCAPED],
  },
  markup: {
    comments: [
      { open: '<!--', end: String.raw`-->|(?<not>@[\w({]|${TEMPLATE})` },
      { open: String.raw`(?<!\{)\{#`, end: String.raw`#\}` },
      { open: String.raw`@\*`, end: String.raw`\*@` },
      { open: '<%(?:#|--)', end: '%>' },
      { open: String.raw`\{\{!?--`, end: String.raw`--\}\}` },
    ],
    strings: [],
    islands: { patterns: [SCRIPT], syntax: 'script' },
  },
  components: {
    comments: [
      { open: '<!--', end: '-->' },
      { open: String.raw`\{\s*\/\*`, end: String.raw`\*\/(?:\s*\}|(?<not>))` },
    ],
    strings: [],
    islands: { patterns: [SCRIPT, String.raw`(?<![\s\S])---\r?\n[\s\S]*?\n---`], syntax: 'slashes' },
  },
  /** In a page that a server makes. */
  script: {
    comments: [
      { open: String.raw`${BEFORE_SLASHES}\/\/`, end: `$|(?<not>${TEMPLATE})` },
      { open: OPEN_BLOCK, end: String.raw`\*\/|(?<not>${TEMPLATE})` },
    ],
    strings: STRINGS,
  },
};

/** By the ends of names of files. */
export const SYNTAX_OF: Readonly<Record<string, SyntaxName>> = {
  ...each(
    'slashes',
    'java kt kts scala groovy gradle cs fs swift dart c h cc cpp hpp m mm proto sol zig js jsx ts tsx mjs cjs mts cts',
  ),
  ...each('rust', 'rs'),
  ...each('go', 'go'),
  ...each('hash', 'py pyi sh bash zsh fish yml yaml toml ini cfg conf properties env pl pm r jl nix tf hcl dockerfile makefile'),
  ...each('elixir', 'ex exs'),
  ...each('ruby', 'rb rake gemspec'),
  ...each('php', 'php phtml'),
  ...each('dashes', 'sql hs elm'),
  ...each('lua', 'lua'),
  ...each('components', 'vue svelte astro'),
  ...each('markup', 'html htm xml xaml cshtml razor erb twig'),
};

interface Compiled {
  readonly pattern: RegExp;
  /** Of the span whose beginning is the group `span0`, `span1` … */
  readonly ends: readonly string[];
}

const COMPILED: ReadonlyMap<string, Compiled> = new Map(
  Object.entries(SYNTAX).map(([name, { comments, strings, islands }]) => {
    const ends: string[] = [];
    const sourceOf = (pattern: Pattern) =>
      typeof pattern === 'string' ? pattern : `(?<span${ends.push(pattern.end) - 1}>${pattern.open})`;
    const island = islands === undefined ? [] : [`(?<island>${islands.patterns.map(sourceOf).join('|')})`];
    const parts = [...island, `(?<comment>${comments.map(sourceOf).join('|')})`, ...strings.map(sourceOf)];
    return [name, { pattern: new RegExp(parts.join('|'), 'gm'), ends }];
  }),
);

/** With blanks in their places, so that everything else stays where it is; all of it where the language is not known. */
export function withoutComments(file: string, text: string): string {
  const syntax = SYNTAX_OF[extensionOf(file)];
  return syntax === undefined ? text : blankComments(text, syntax);
}

/** Whether comments of the file are told from its code. */
export function isKnownLanguage(file: string): boolean {
  return SYNTAX_OF[extensionOf(file)] !== undefined;
}

function blankComments(text: string, name: SyntaxName): string {
  const compiled = COMPILED.get(name);
  if (compiled === undefined) return text;
  const { islands } = SYNTAX[name];
  const pattern = new RegExp(compiled.pattern);
  const ends = findEnds(text);
  let blanked = '';
  let at = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = endOf(match, pattern.lastIndex, compiled.ends, ends);
    pattern.lastIndex = Math.max(end ?? 0, match.index + 1);
    const { island, comment } = match.groups ?? {};
    if (end === undefined || (island === undefined && comment === undefined)) continue;
    const found = text.slice(match.index, end);
    blanked += text.slice(at, match.index);
    blanked += island !== undefined && islands ? blankComments(found, islands.syntax) : found.replace(/[^\n]/g, ' ');
    at = end;
  }
  return blanked + text.slice(at);
}

function endOf(match: RegExpExecArray, from: number, sources: readonly string[], ends: Ends): number | undefined {
  const { groups } = match;
  if (groups?.tag !== undefined) return ends.nextTag(groups.tag, from);
  const source = sources.find((_, index) => groups?.[`span${index}`] !== undefined);
  return source === undefined ? from : ends.next(source, from);
}

/** All of a name without one, as of a `Dockerfile`; `env` of `.env.local`. */
export function extensionOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  if (name.startsWith('.env.')) return 'env';
  return name.slice(name.lastIndexOf('.') + 1);
}

function each(syntax: SyntaxName, extensions: string): Record<string, SyntaxName> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, syntax]));
}
