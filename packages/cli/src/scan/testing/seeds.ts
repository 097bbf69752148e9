/** What is seeded. `@seeds/` stands for the way to the seeds from where a snippet lands. */

const imports = (isCommonJs: boolean, names: string, from: string) =>
  isCommonJs ? `const { ${names} } = require('@seeds/${from}');` : `import { ${names} } from '@seeds/${from}';`;

/** Appended to files that are there. */
export const SCRIPT_SEEDS = (isCommonJs: boolean): readonly string[] => [
  `export_${'literal'}: {
  client.getBooleanValue('seed-literal', false); // seed literal seed-literal
  void client.getStringDetails("seed-literal", 'none', { targetingKey: 'u1' }); // seed literal seed-literal
  yardarm.boolean('seed-literal', false); // seed literal seed-literal
}`,
  `const SEEDED_KEY = 'seed-constant'; // seed definition seed-constant
const seededLater = SEEDED_KEY; // seed constant seed-constant
function seededConstant() {
  if (ready) return client.getBooleanValue(SEEDED_KEY, false); // seed constant seed-constant
  return client.getBooleanValue(seededLater, false); // seed constant seed-constant
}`,
  `${imports(isCommonJs, 'SEED_IMPORTED, SEED_RENAMED', 'keys')}
function seededImport() {
  client.getBooleanValue(SEED_IMPORTED, false); // seed imported-constant seed-imported
  return client.getBooleanValue(SEED_RENAMED, false); // seed imported-constant seed-imported
}`,
  `${imports(isCommonJs, 'SEED_IMPORTED: seededRename'.replace(isCommonJs ? '' : ': ', isCommonJs ? '' : ' as '), 'barrel')}
function seededBarrel(SEED_IMPORTED) {
  client.getBooleanValue(SEED_IMPORTED, false);
  return client.getBooleanValue(seededRename, false); // seed imported-constant seed-imported
}`,
  `const SEED_FLAGS = {
  newThing: 'seed-object', // seed definition seed-object
  checkout: { fast: 'seed-object' }, // seed definition seed-object
};
const { newThing: seededMember } = SEED_FLAGS;
function seededObject() {
  client.getBooleanValue(SEED_FLAGS.newThing, false); // seed key-object seed-object
  client.getBooleanValue(SEED_FLAGS['checkout'].fast, false); // seed key-object seed-object
  return client.getBooleanValue(seededMember, false); // seed key-object seed-object
}`,
  `${imports(isCommonJs, 'seedKeys', 'keys')}
function seededImportedObject() {
  return client.getBooleanValue(seedKeys.fromElsewhere, false); // seed key-object seed-object
}`,
  `${imports(isCommonJs, 'isSeedOn', 'wrapper')}
async function seededWrapper() {
  const featureOn = (key) => client.getBooleanValue(key, false);
  if (featureOn('seed-wrapper')) return 1; // seed wrapper seed-wrapper
  return isSeedOn('seed-wrapper', { targetingKey: 'u1' }); // seed wrapper seed-wrapper
}`,
  `function seededTemplate(suffix) {
  client.getBooleanValue(\`seed-template-\${suffix}\`, false);
  return client.getBooleanValue(\`seed-template\`, false); // seed template seed-template
}`,
];

/** Texts that equal a key and are plainly something else. */
export const DECOYS: readonly string[] = [
  `// client.getBooleanValue('seed-literal', false)
/* 'seed-constant' */
function decoyMessages(view) {
  if (view === 'seed-literal' || 'seed-constant' !== view) console.log('seed-object');
  switch (view) { case 'seed-literal': throw new Error('seed-literal'); }
  const decoyLabel = 'seed-constant';
  logger.warn(decoyLabel);
  return 'see seed-literal' + 'seed-literal' + \`\${view} seed-template\`;
}`,
  `function decoyPage(element) {
  element.className = 'seed-object';
  element.setAttribute('data-x', 'seed-literal');
  document.querySelector('seed-literal');
  element.addEventListener('seed-wrapper', () => {});
  localStorage.getItem('seed-imported');
  return { type: 'seed-literal', path: 'seed-hook', title: 'seed-accessor' };
}`,
  `describe('seed-literal', () => {
  it('seed-wrapper', () => expect(answer).toBe('seed-constant'));
  vi.mock('seed-literal');
});
function decoyMore() {
  return answer['seed-literal-2'] ?? answer.seedLiteral ?? 'Seed-literal' ?? ' seed-literal';
}`,
];

/** Constants and wrappers, imported by the snippets. */
export const SHARED_FILES = (isCommonJs: boolean): Readonly<Record<string, string>> =>
  isCommonJs
    ? {
        'keys.js': `const SEED_IMPORTED = 'seed-imported'; // seed definition seed-imported
const kept = 'seed-imported'; // seed definition seed-imported
const seedKeys = Object.freeze({
  fromElsewhere: 'seed-object', // seed definition seed-object
});
module.exports = { SEED_IMPORTED, SEED_RENAMED: kept, seedKeys };
`,
        'barrel.js': "module.exports = require('./keys');\n",
        'wrapper.js':
          'exports.isSeedOn = async function isSeedOn(key, context) {\n  return client.getBooleanValue(key, false, context);\n};\n',
      }
    : {
        'keys.ts': `export const SEED_IMPORTED = 'seed-imported' as const; // seed definition seed-imported
const kept: string = 'seed-imported'; // seed definition seed-imported
export { kept as SEED_RENAMED };
export const seedKeys = {
  fromElsewhere: 'seed-object', // seed definition seed-object
} as const satisfies Record<string, 'seed-object'>;
export type SeedKey = 'seed-literal' | 'seed-object';
`,
        'barrel.ts': "export * from './keys.js';\nexport { isSeedOn } from './wrapper';\n",
        'wrapper.ts':
          'export async function isSeedOn(key: string, context?: object) {\n  return client.getBooleanValue(key, false, context);\n}\n',
      };

/** What only TypeScript and React write; added to every tree. */
export const TYPESCRIPT_FILES: Readonly<Record<string, string>> = {
  'enum.ts': `export enum SeedFlag {
  Checkout = 'seed-object', // seed definition seed-object
}
export class SeedNames {
  static readonly FAST = 'seed-object'; // seed definition seed-object
}
client.getBooleanValue(SeedFlag.Checkout, false); // seed key-object seed-object
client.getBooleanValue(SeedNames.FAST, false); // seed key-object seed-object
function typed(flag: SeedFlag.Checkout | 'seed-object'): flag is SeedFlag.Checkout { return true; }
`,
  'accessor.ts': `import { FLAGS, typedClient, typedProvider } from './generated-flags.js';
const flags = typedProvider(provider);
flags.boolean(FLAGS.seedAccessor, false); // seed typed-accessor seed-accessor
typedClient(client).getBooleanValue(FLAGS.seedAccessor, false); // seed typed-accessor seed-accessor
flags.boolean('seed-literal', false); // seed literal seed-literal
`,
  'alias.ts': `import { SeedFlag } from '@/seeds/enum';
import * as keys from '~/seeds/keys';
client.getBooleanValue(SeedFlag.Checkout, false); // seed key-object seed-object
client.getBooleanValue(keys.SEED_IMPORTED, false); // seed imported-constant seed-imported
`,
  'hook.tsx': `import { useBooleanFlagValue, useFlag } from '@openfeature/react-sdk';
export function Seeded() {
  const isOn = useBooleanFlagValue('seed-hook', false); // seed hook seed-hook
  const { value } = useFlag('seed-hook', false); // seed hook seed-hook
  return (
    <main className="seed-hook" id="seed-literal">
      <Feature flag="seed-hook">seed-literal</Feature> {/* */} {/*
      */}
      <Feature title="seed-literal" flagKey={'seed-hook'} /* the next line seeds nothing */ />
      {isOn && value ? 'seed-literal' : null}
    </main>
  );
}
`
    .replace('{/* */} {/*\n      */}', '// seed other seed-hook')
    .replace('/* the next line seeds nothing */ />', '/> // seed other seed-hook'),
  'decorator.ts': `@RequiresFlag('seed-decorator') // seed decorator seed-decorator
export class Seeded {
  @Gate({ flag: 'seed-decorator' }) // seed decorator seed-decorator
  static run(@Flag('seed-decorator') on: boolean) { // seed decorator seed-decorator
    return on;
  }
}
`,
};

export const OTHER_LANGUAGES: Readonly<Record<string, string>> = {
  'main.go': `package main

import (
	"seed-quoted"
)

// client.BooleanValue(ctx, "seed-quoted", false)
func main() {
	on, _ := client.BooleanValue(ctx, "seed-quoted", false, evalCtx) // seed quoted seed-quoted
	const key = \`seed-quoted\` // seed quoted seed-quoted
	fmt.Println("seed-quoted is on", on)
}
`,
  'Main.java': `class Main {
  /** "seed-quoted" */
  static final String KEY = "seed-quoted"; // seed quoted seed-quoted
  boolean on = client.getBooleanValue("seed-quoted", false, context); // seed quoted seed-quoted
  String text = """
      {"flag": "seed-quoted"} // seed quoted seed-quoted
      """;
}
`,
  'main.py': `"""Uses 'seed-quoted'."""
KEY = 'seed-quoted'  # seed quoted seed-quoted
on = client.get_boolean_value("seed-quoted", False)  # seed quoted seed-quoted
# off = client.get_boolean_value("seed-quoted", False)
print(f"it's {client.get_boolean_value('seed-quoted', False)} # not")  # seed quoted seed-quoted
class Seeded:
    """Uses 'seed-quoted', too."""
`,
  'Main.cs': `class Main {
  const string Key = "seed-quoted"; // seed quoted seed-quoted
  /* "seed-quoted" */
  bool on = await client.GetBooleanValueAsync("seed-quoted", false); // seed quoted seed-quoted
  char quote = '"'; string more = "not-seed-quoted";
  using var flag = Start(@"C:\\seeds\\", "seed-quoted"); // seed quoted seed-quoted
}
`,
  'main.rb': `# 'seed-quoted'
KEY = 'seed-quoted'.freeze # seed quoted seed-quoted
on = client.fetch_boolean_value(flag_key: "seed-quoted", default_value: false) # seed quoted seed-quoted
puts "#{on} seed-quoted"
require 'seed-quoted'
puts "http://#{flag?("seed-quoted") ? 1 : 2}" # seed quoted seed-quoted
`,
  'main.php': `<?php
// 'seed-quoted'
const KEY = 'seed-quoted'; // seed quoted seed-quoted
$on = $client->getBooleanValue("seed-quoted", false); // seed quoted seed-quoted
#[RequiresFlag('seed-quoted')] // seed quoted seed-quoted
?>
<p>Don't // <?php if ($c->getBooleanValue('seed-quoted', false)) /* 'seed-quoted' */ // seed quoted seed-quoted ?>
<!-- 'seed-quoted' -->
`,
  'main.sh': `# "seed-quoted"
echo "it's $(flag "seed-quoted") # \${#names}" # seed quoted seed-quoted
`,
  'Main.kt': `/* "seed-quoted" */
val text = "https://\${isOn("seed-quoted")} // \${isOn("seed-quoted-2")}" // seed quoted seed-quoted
`,
  'Page.vue': `<template>
  <!-- <div v-if="isOn('seed-quoted')"> -->
  <p>Don't // see https://example.com</p><p class="seed-quoted-2" v-if="isOn('seed-quoted')"></p> <!-- seed quoted seed-quoted -->
</template>
<script setup>
import { a } from 'seed-quoted';
const b = a.replace(/\\/*$/, '') || isOn('seed-quoted'); // seed quoted seed-quoted
// don't isOn('seed-quoted')
</script>
`,
  'page.html': `<li *ngIf="flags.isOn('seed-quoted')">it's on</li> <!-- seed quoted seed-quoted -->
<li data-flags="{&quot;flag&quot;:&quot;seed-quoted&quot;}">it's on</li> <!-- seed quoted seed-quoted -->
<!-- 'seed-quoted' -->
`,
  'page.svelte': `<p class="{isOn('seed-quoted') ? 'new' : ''}">it's on</p> <!-- seed quoted seed-quoted -->
{/* isOn('seed-quoted') */}
`,
  'page.erb': `<%# flag?('seed-quoted') %>
<p class="<%= 'new' if flag?('seed-quoted') %>">it's on</p> <!-- seed quoted seed-quoted -->
`,
  'page.cshtml': `@* Flags.IsOn("seed-quoted") *@
<p class="@(Flags.IsOn("seed-quoted") ? "new" : "")">it's on</p> <!-- seed quoted seed-quoted -->
`,
};
