import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareKeysIn } from './bare-keys.ts';
import { SYNTAX_OF } from './comments.ts';
import { quotedReferences } from './quoted-keys.ts';

const linesOf = (file: string, text: string) => quotedReferences(file, text, new Set(['search'])).map(({ line }) => line);

describe('a quoted key', () => {
  it.each([
    ['an attribute of Vue', 'a.vue', `<div v-if="isOn('search')">`],
    ['an attribute of Angular', 'a.html', `<div *ngIf="flags.isOn('search')">`],
    ['an attribute of Svelte', 'a.svelte', `<div class="{isOn('search') ? 'new' : ''}">`],
    ['an attribute of Astro', 'a.astro', `<Card title={\`\${isOn('search')}\`} />`],
    ['a template of Ruby', 'a.erb', `<div class="<%= 'new' if flag?('search') %>">`],
    ['a template of .NET', 'a.cshtml', `<div class="@(Flags.IsOn("search") ? "new" : "")">`],
    ['JSX in a page', 'a.html', `<script type="text/babel">render(<A on={isOn('search')} title="don't" />)</script>`],
    ['entities of HTML', 'a.html', '<div data-flags="{&quot;flag&quot;:&quot;search&quot;}" title=&#39;x&#39;>'],
    ['an f-string of Python', 'a.py', `print(f"{client.get_boolean_value('search', False)}")`],
    ['an f-string with the same quotes', 'a.py', `print(f"{d["a"]} is {on("search")}")  # on`],
    ['SQL in Python', 'a.py', `query = """\n select 1 from flags where key = 'search'\n"""`],
    ['a string of Kotlin', 'a.kt', `val text = "x \${isOn("search")}"`],
    ['a string of Swift', 'a.swift', String.raw`let text = "x \(isOn("search"))"`],
    ['a string of Ruby', 'a.rb', `puts "x #{flag?("search")}"`],
    ['a document in Ruby', 'a.rb', `puts <<~TEXT\n  #{flag?('search') ? 1 : 2}\n  # "x"\nTEXT`],
    ['a string of JavaScript', 'a.vue', `<script>const a = \`http://x/\${isOn("search")}\`</script>`],
    ['a command of a shell', 'a.sh', 'echo "$(flag "search")"'],
    ['quotes with backslashes', 'a.sh', String.raw`sh -c "flag \"search\""`],
    ['a count of a shell', 'a.sh', `if [ \${#names[@]} -gt 0 ] && flag 'search'; then`],
    ['JSON in Java', 'A.java', String.raw`String json = "{\"flag\": \"search\"}";`],
    ['a text block of Java', 'A.java', `String json = """\n  {"flag": "search"}\n""";`],
    ['a text with an apostrophe in Vue', 'a.vue', `<p>Don't</p>{{ isOn('search') }}`],
    ['a text with an apostrophe in PHP', 'a.php', `<p>Don't <?php if ($c->getBooleanValue('search', false)) ?>`],
    ['a text with an apostrophe in YAML', 'a.yml', `- it's "a # b" or 'search'`],
    ['a text with slashes in a page', 'a.html', `<h2>Home // {{ isOn('search') ? 'a' : 'b' }}</h2>`],
    ['a text with an address', 'a.vue', `<p>Don't</p><a href='http://x' v-if="isOn('search')">`],
    ['PHP behind a comment of PHP', 'a.php', `<?php // it's on ?><?php # it's on ?><?= isOn('search') ?>`],
    ['PHP in a comment of HTML', 'a.php', `<!-- <?php isOn('search') ?> -->`],
    ['Ruby in a comment of HTML', 'a.erb', `<!-- <%= flag?('search') %> -->`],
    ['a path of Windows', 'A.cs', String.raw`Open(@"C:\data\"); On("search");`],
    ['a variable that is disposed of', 'A.cs', `using var x = client.GetBooleanValue("search", false);`],
    ['a block that disposes', 'A.cs', `using (var x = Start("search"))`],
    ['a constant of Perl', 'a.pl', `use constant KEY => 'search';`],
    ['a function that is named like an import', 'a.kt', `require(isOn("search"))`],
    ['an import with an assignment', 'a.vue', `<script>\nimport x from 'y'; const on = isOn('search')\n</script>`],
    ['a literal of a regular expression', 'a.vue', `<script>\na.replace(/\\/*$/, ''); isOn('search') /* b */\n</script>`],
    ['a glob', 'a.groovy', `it's('src/**/*.a'); isOn('search'); all('**/*.b')`],
    ['a long string of Lua', 'a.lua', `run([[flag --name "search"]])`],
    ['an expression of Astro between comments', 'a.astro', `{ /* new */ isOn('search') && <A/> }\n<B/>\n{/* old */}`],
    [
      'an attribute of Vue behind a comment',
      'a.vue',
      `<p :class="{ /* c */ on: isOn('search') }"/>\n<style>\na { color: red; /* x */ }\n</style>`,
    ],
    [
      'a template of Vue between styles and a script',
      'a.vue',
      `<style>\n.a {\n  /* c */\n  top: 0;\n}\n</style>\n<p v-if="isOn('search')"/>\n<script>\ntry { a() } catch { /* ignore */ }\n</script>`,
    ],
    ['a value behind a name that begins like a word of Python', 'a.py', `definitions = {"q":\n  """key = 'search'"""}`],
    ['a function of Elixir in one expression', 'a.ex', `def sql, do:\n  """\n  key = 'search'\n  """`],
  ])('counts within %s', (_, file, text) => {
    expect(linesOf(file, text)).toHaveLength(1);
  });

  it.each([
    ['a.vue', `<!-- 'search' {{ isOn('search') }} -->\n<script>\n// don't 'search'\na() // 'search'\n/* 'search' */\n</script>`],
    ['a.html', `<!-- 'search' -->\n<script>a(); // 'search'\n</script>{# 'search' #}{{!-- 'search' --}}`],
    ['a.astro', `---\n// 'search'\n---\n{/* 'search' */}`],
    ['a.cshtml', `@* 'search' *@`],
    ['a.erb', `<%# flag?('search') %>`],
    ['a.php', `<!-- 'search' --><?php\n// it's 'search'\n# 'search'\n/* 'search' */ ?><!-- 'search' -->`],
    ['a.py', `#!/usr/bin/python\n"""\n'search'\n"""\ndef f(\n) -> int:\n    r'''Not 'search'.'''\n    # it's 'search'`],
    ['a.py', `class A:  # a\n\n    """Not "search"."""\n    b()  # 'search'`],
    ['a.ex', `@doc """\n  iex> on("search")\n"""`],
    ['a.rb', `=begin\n'search'\n=end\n# 'search'\non "a" # 'search'`],
    ['a.pl', `=pod\n\n'search'\n\n=cut\n`],
    ['a.go', `// "search"\n/* "search" */\nimport "search"\nimport (\n\t"search"\n)`],
    ['A.java', `/** "search" */\n// it's "search"\non('"'); // "search"`],
    ['a.rs', `fn a<'a>() {} // "search"`],
    ['a.sql', `-- 'search'\n/* 'search' */`],
    ['a.lua', `--[==[ "search" ]==]\n-- 'search'`],
    ['a.sh', `# it's 'search'\na; # 'search'`],
    ['a.py', `mask = 1 << CONSTANT\n# 'search'\nC = 1`],
    ['a.rb', `require 'search'\nrequire_relative "search"`],
    ['a.c', `#include "search"`],
    ['a.svelte', `<script>\nimport { a } from 'search'\nimport {\n  b,\n} from 'search'\nexport * from 'search'\n</script>`],
  ])('counts in no comment and no import of %s', (file, text) => {
    expect(linesOf(file, text)).toEqual([]);
  });

  it('has its own place also where a quote before it is odd', () => {
    expect(quotedReferences('a.vue', `\n<p>x'search'</p>`, new Set(['search']))).toMatchObject([{ line: 2, column: 5 }]);
    expect(linesOf('a.py', `on('other'"search")`)).toEqual([1]);
  });

  it.each([
    ['.env', 'FLAG=search'],
    ['.env.local', 'export FLAG=search # new'],
    ['a.yml', 'flag: search'],
    ['a.yml', `flag: search # ${'so it was '.repeat(20)}`],
    ['a.yaml', 'flags:\n  - search\n'],
    ['a.yml', 'flags: [other, search]'],
    ['a.yml', 'a: {flag: search }'],
    ['a.properties', 'flag=search\r\n'],
    ['a.ini', '[flags]\nfirst = search'],
    ['a.rb', 'flag?(:search, user)'],
    ['a.rb', 'FLAGS = %w[other\n  search]'],
    ['a.ex', 'Enum.any?(~w(search other)a, &on?/1)'],
    ['a.pl', 'my @flags = qw(other search);'],
  ])('needs no quotes in %s where it is all of a text: %j', (file, text) => {
    expect(linesOf(file, text)).toHaveLength(1);
    // By which a tree is searched for files that matter.
    expect([...bareKeysIn(file, text)].map(({ flag }) => flag)).toContain('search');
  });

  it.each([
    ['a.sh', 'yardarm kill new-checkout --environment production'],
    ['a.sh', 'if flag new-checkout; then'],
    ['a.sh', 'a --flag=new-checkout'],
    ['a.sh', 'sh -c "flag new-checkout"'],
    ['Dockerfile', 'RUN flag new-checkout'],
    ['a.yml', 'run: |\n  flag new-checkout && b\n'],
    ['a.yml', 'flags:\n  new-checkout: true\n'],
  ])('needs no quotes in %s where it is a word that is nothing else by chance: %j', (file, text) => {
    expect(quotedReferences(file, text, new Set(['new-checkout']))).toMatchObject([{ idiom: 'bare' }]);
  });

  it.each([
    ['a.sh', 'search --all; run search; SEARCH=$search'],
    ['a.sh', 'cat /srv/new-checkout/x new-checkout.txt my-new-checkout $new-checkout # new-checkout'],
    ['a.yml', 'text: We search, search and search.\n# flag: search\nimage: app/search:search\nsearch: 1\nfor: the search'],
    ['a.yml', 'path: src/new-checkout\nname: new-checkout-deploy\n'],
    ['a.rb', 'search(a ? b : search) { Search::search } # :search'],
    ['a.py', 'search = new_checkout[search:search]'],
    ['a.html', '<p>search new-checkout</p>'],
  ])('is not found without quotes in %s where it is a name or a part of a text: %j', (file, text) => {
    expect(quotedReferences(file, text, new Set(['search', 'new-checkout']))).toEqual([]);
  });

  it('is found once where it is in quotes and long', () => {
    expect(quotedReferences('a.yml', `flag: "new-checkout"`, new Set(['new-checkout']))).toMatchObject([{ idiom: 'quoted' }]);
  });

  // Of a pattern that gives up at the end of the text for every beginning, each of these takes two minutes or more.
  it.each([
    ['a.java', '', '/* '],
    ['a.go', '', 'import (\n'],
    ['a.pl', '', '=pod\n'],
    ['a.rb', '', '=begin\n'],
    ['a.sh', '', '<<A '],
    ['a.sh', '', '<<A\n'],
    ['a.py', 'x: # ', ': # '],
    ['a.php', '<?php ', '/* '],
    ['a.lua', '', '--[['],
    ['a.lua', '', '[=['],
    ['a.html', '', '<!-- {{ '],
    ['a.html', '', '{# '],
    ['a.html', '', '<script '],
    ['a.html', '', '<script>'],
    ['a.html', '<script>', ' // {{'],
    ['a.vue', '', '{/*'],
    ['a.vue', '', '<script x>'],
    ['a.java', '', ' '],
    ['a.yml', '', '[ '],
    ['a.yml', '', 'a-'],
    ['a.rb', '', '%w[ '],
    ['a.java', '', `'other'`],
  ])(
    'is found in %s behind a megabyte that begins %j and goes on %j',
    (file, head, unit) => {
      const text = `${head}${unit.repeat(1_000_000 / unit.length)}`;
      expect(quotedReferences(file, `${text}\n'search'`, new Set(['search', 'other'])).at(-1)).toMatchObject({ flag: 'search' });
    },
    60_000,
  );

  it.each([...new Set(Object.values(SYNTAX_OF))])('is found in any nest of strings in the languages of %s', (syntax) => {
    const extensions = Object.keys(SYNTAX_OF).filter((extension) => SYNTAX_OF[extension] === syntax);
    fc.assert(
      fc.property(fc.constantFrom(...extensions), nest(syntax), (extension, { before, text, after }) => {
        expect(linesOf(`a.${extension}`, `${before}${text}${after}`), `${before}${text}${after}`).toEqual([1]);
      }),
      { numRuns: 300 },
    );
  });
});

/** What may stand in a string beside the next one: some of it is a comment anywhere else. */
const FILLERS = [
  '',
  ' ',
  'on(',
  'http://x/',
  '// ',
  ' # ',
  ' -- ',
  '/* ',
  '*/ ',
  'src/**/*.a ',
  '<!-- ',
  '{{ ',
  '<?',
  '%> ',
  'a =',
];
const QUOTES: Readonly<Record<string, readonly string[]>> = {
  slashes: ['"', "'", '`', '"""'],
  rust: ['"'],
  go: ['"', '`'],
  hash: ['"', "'", '`', '"""', "'''"],
  ruby: ['"', "'", '`'],
  elixir: ['"', "'", '"""'],
  php: ['"', "'"],
  dashes: ['"', "'"],
  lua: ['"', "'"],
  markup: ['"', "'"],
  components: ['"', "'", '`'],
};
/** Where a quote of a kind may stand within another one of that kind, because a value is put in. */
const INTERPOLATING: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  slashes: [
    ['${', '}'],
    [String.raw`\(`, ')'],
  ],
  hash: [
    ['${', '}'],
    ['$(', ')'],
    ['{', '}'],
  ],
  ruby: [['#{', '}']],
  elixir: [['#{', '}']],
  php: [['{', '}']],
  components: [['${', '}']],
};
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  php: ['<?php a(', "<p>Don't // # </p><?= a("],
  markup: ["<p>Don't // </p><a b="],
  components: ["<p>Don't // </p><a b=", '<script>a = '],
};

function nest(syntax: string) {
  const filler = fc.constantFrom(...FILLERS);
  const layer = fc.record({
    quote: fc.constantFrom(...(QUOTES[syntax] ?? [])),
    into: fc.constantFrom(undefined, ...(INTERPOLATING[syntax] ?? [])),
    before: filler,
    after: filler,
  });
  return fc
    .record({
      layers: fc.array(layer, { minLength: 1, maxLength: 4 }),
      before: fc.constantFrom(...(BEFORE[syntax] ?? ['a = '])),
      after: fc.constantFrom('', ')', '; b()'),
    })
    .map(({ layers, before, after }) => ({ before, text: layers.reduceRight(wrap, ''), after }));

  function wrap(
    inner: string,
    {
      quote,
      into,
      before,
      after,
    }: { quote: string; into?: readonly [string, string] | undefined; before: string; after: string },
  ) {
    if (inner === '') return `${quote}search${quote}`;
    if (!inner.includes(quote)) return `${quote}${before}${inner}${after}${quote}`;
    // These know no escape.
    if (quote.length > 1 || (syntax === 'go' && quote === '`')) return inner;
    if (into !== undefined) return `${quote}${before}${into[0]}${inner}${into[1]}${after}${quote}`;
    return `${quote}${before}${inner.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${after}${quote}`;
  }
}
