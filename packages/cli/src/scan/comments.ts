/**
 * Comments of the languages whose syntax tree is not read. Only what surely is one counts as one: a comment that is taken for code
 * costs a look, code that is taken for a comment hides a reference. Hence strings are stepped over, and a `//` behind a colon, a
 * quote or a backslash begins nothing: apostrophes in texts and literals of regular expressions mislead about where strings end.
 */

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
const HEREDOC = String.raw`<<[-~<]?[ \t]?["']?(?<tag>[A-Z_]\w*)(?!\w)["']?[^\n]*\n(?:[\s\S]{0,20000}?\n)?[ \t]*\k<tag>\b`;

const BEFORE_SLASHES = String.raw`(?<![\\:"'\x60/])`;
const BLOCK = String.raw`(?<![\\[*\w."'\x60/-])\/\*[\s\S]*?\*\/`;
const SLASHES = [String.raw`${BEFORE_SLASHES}\/\/[^\n]*`, BLOCK];
/** Not within a word: `$#` in a shell and `a#b` in YAML begin none, nor `#{` in a string, nor `#[`, an attribute of PHP or Rust. */
const HASH = String.raw`(?<![^\s;])#(?![[{])`;
/** At the head of a file, a class or a function. */
const DOCSTRING = String.raw`(?="""|''')(?<=(?:(?<![\s\S])(?:[ \t]*(?:#[^\n]*)?\n)*|^[ \t]*(?:(?:async[ \t]+)?def\b|class\b|\))[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*\n)*)[ \t]*[rRuU]?)(?:${TRIPLE})`;
const DOC_OF_ELIXIR = String.raw`@(?:module|type)?doc[ \t]+(?:~[sS])?(?:${TRIPLE})`;
/** What a template puts in is evaluated in a comment, too. */
const NO_TEMPLATE = String.raw`(?!<[%?]|\{[{%])`;
const HTML_COMMENT = String.raw`<!--(?:(?!-->|@[\w({])${NO_TEMPLATE}[\s\S])*`;
/** Not one that holds a template: it is no code. */
const SCRIPT = String.raw`<script\b(?![^>]*\b(?:template|html|x-|ng-))[^>]*>[\s\S]*?<\/script\s*>`;

type SyntaxName = 'slashes' | 'rust' | 'go' | 'hash' | 'ruby' | 'elixir' | 'php' | 'dashes' | 'markup' | 'components' | 'script';
interface Syntax {
  readonly comments: readonly string[];
  /** The longer forms come first. */
  readonly strings: readonly string[];
  /** Parts in another language. */
  readonly islands?: { readonly patterns: readonly string[]; readonly syntax: SyntaxName };
}

const SYNTAX: Readonly<Record<SyntaxName, Syntax>> = {
  slashes: { comments: SLASHES, strings: STRINGS },
  // A lifetime of Rust begins with a quote and has no end; a character has one.
  rust: { comments: SLASHES, strings: [DOUBLE, String.raw`'(?:[^'\\\n]|\\.)'`] },
  go: { comments: [String.raw`^import\s*\([^)]*\)`, ...SLASHES], strings: [DOUBLE, String.raw`\x60[^\x60]*\x60`, SINGLE] },
  hash: {
    comments: [DOCSTRING, String.raw`^=(?:pod|head\d|over|item|begin)\b[\s\S]*?^=cut\b`, `${HASH}[^\\n]*`],
    strings: [HEREDOC, ...STRINGS],
  },
  ruby: { comments: [String.raw`^=begin[\s\S]*?^=end`, `${HASH}[^\\n]*`], strings: [HEREDOC, ...STRINGS] },
  // What stands behind `def … do:` is its value.
  elixir: { comments: [DOC_OF_ELIXIR, `${HASH}[^\\n]*`], strings: [HEREDOC, ...STRINGS] },
  php: {
    // They end where PHP does.
    comments: [String.raw`(?:${BEFORE_SLASHES}\/\/|${HASH})(?:(?!\?>)[^\n])*`, BLOCK],
    strings: [HEREDOC, OPEN_DOUBLE, OPEN_SINGLE, DOUBLE, SINGLE, ESCAPED],
    islands: { patterns: [String.raw`(?:(?<![\s\S])|\?>)[\s\S]*?(?:<\?|(?![\s\S]))`], syntax: 'markup' },
  },
  dashes: {
    comments: [String.raw`--\[(?<level>=*)\[[\s\S]*?\]\k<level>\]`, String.raw`(?<![!\w-])--(?!>)[^\n]*`, BLOCK],
    strings: [String.raw`\[(?<depth>=*)\[[\s\S]{0,5000}?\]\k<depth>\]`, OPEN_DOUBLE, OPEN_SINGLE, DOUBLE, SINGLE, ESCAPED],
  },
  markup: {
    comments: [
      `${HTML_COMMENT}-->`,
      String.raw`(?<!\{)\{#[\s\S]*?#\}|@\*[\s\S]*?\*@|<%(?:#|--)[\s\S]*?%>|\{\{!?--[\s\S]*?--\}\}`,
    ],
    // What is no comment is not looked through again.
    strings: [HTML_COMMENT],
    islands: { patterns: [SCRIPT], syntax: 'script' },
  },
  components: {
    comments: [String.raw`<!--[\s\S]*?-->`, String.raw`\{\s*\/\*(?:(?!\*\/)[\s\S])*\*\/\s*\}`],
    strings: [String.raw`<!--[\s\S]*`],
    islands: { patterns: [SCRIPT, String.raw`(?<![\s\S])---\r?\n[\s\S]*?\n---`], syntax: 'slashes' },
  },
  /** In a page that a server makes. */
  script: {
    comments: [
      String.raw`${BEFORE_SLASHES}\/\/(?:${NO_TEMPLATE}[^\n])*$`,
      String.raw`(?<![\\[*\w."'\x60/-])\/\*(?:(?!\*\/)${NO_TEMPLATE}[\s\S])*\*\/`,
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
  ...each('hash', 'py pyi sh bash zsh fish yml yaml toml ini cfg conf properties pl pm r jl nix tf hcl dockerfile makefile'),
  ...each('elixir', 'ex exs'),
  ...each('ruby', 'rb rake gemspec'),
  ...each('php', 'php phtml'),
  ...each('dashes', 'sql lua hs elm'),
  ...each('components', 'vue svelte astro'),
  ...each('markup', 'html htm xml xaml cshtml razor erb twig'),
};

const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries(SYNTAX).map(([name, { comments, strings, islands }]) => {
    const island = islands === undefined ? [] : [`(?<island>${islands.patterns.join('|')})`];
    return [name, new RegExp([...island, `(?<comment>${comments.join('|')})`, ...strings].join('|'), 'gm')];
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
  const pattern = PATTERNS.get(name);
  if (pattern === undefined) return text;
  const { islands } = SYNTAX[name];
  return text.replace(pattern, (found, ...rest: unknown[]) => {
    // The last argument of a pattern with names.
    const { island, comment } = rest.at(-1) as { readonly island?: string; readonly comment?: string };
    if (island !== undefined && islands !== undefined) return blankComments(island, islands.syntax);
    return comment === undefined ? found : found.replace(/[^\n]/g, ' ');
  });
}

function extensionOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  return name.slice(name.lastIndexOf('.') + 1);
}

function each(syntax: SyntaxName, extensions: string): Record<string, SyntaxName> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, syntax]));
}
