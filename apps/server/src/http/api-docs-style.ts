/** Style sheet of `/api/docs`, in the colours of the admin UI; it follows the system's preference for light or dark. */
export const API_DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --canvas: light-dark(#f6f7f9, #0c1015);
  --surface: light-dark(#ffffff, #131920);
  --sunken: light-dark(#eff1f4, #0f141a);
  --line: light-dark(#e2e6eb, #232c37);
  --ink: light-dark(#101820, #e9eef4);
  --soft: light-dark(#45515f, #b1bcc9);
  --faint: light-dark(#5c6876, #8d99a8);
  --accent: light-dark(#0b5c93, #4ea8e0);
  --good: light-dark(#0c7a4d, #3fc58a);
  --warn: light-dark(#8a5300, #e2a84a);
  --bad: light-dark(#b3261e, #f5827a);
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 0.9375rem/1.5 ui-sans-serif, system-ui, "Segoe UI", Roboto, Arial, sans-serif; display: grid; grid-template-columns: 13rem minmax(0, 1fr); }
a { color: var(--accent); }
code, pre { font-family: var(--mono); font-size: 0.8125rem; }
nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); background: var(--surface); }
nav ul { list-style: none; margin: 1rem 0 0; padding: 0; }
nav li a { display: block; padding: 0.25rem 0.5rem; border-radius: 0.375rem; color: var(--soft); text-decoration: none; }
nav li a:hover { background: var(--sunken); color: var(--ink); }
.brand { padding: 0 0.5rem; font-weight: 650; color: var(--ink); text-decoration: none; }
main { padding: 1.5rem 2rem 6rem; max-width: 64rem; width: 100%; }
h1 { font-size: 1.5rem; line-height: 2rem; margin: 0 0 0.75rem; }
h1 small { font-weight: 400; color: var(--faint); font-size: 1rem; }
h2 { font-size: 1.125rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 0.9375rem; margin: 1.25rem 0 0.25rem; }
h4 { font-size: 0.75rem; text-transform: uppercase; letter-spacing: 0.05em; color: var(--faint); margin: 1.25rem 0 0.375rem; }
p { margin: 0 0 0.625rem; color: var(--soft); max-width: 46rem; }
details, .schema { background: var(--surface); border: 1px solid var(--line); border-radius: 0.5rem; margin-bottom: 0.5rem; }
.schema { padding: 0 1rem 0.75rem; }
summary { display: grid; grid-template-columns: 4.25rem minmax(0, 1fr); gap: 0 0.5rem; align-items: baseline; padding: 0.625rem 1rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--sunken); border-radius: 0.5rem; }
summary:focus-visible, a:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
summary .what { grid-column: 2; color: var(--soft); font-size: 0.875rem; }
.verb { font: 600 0.75rem/1.25rem var(--mono); }
.get { color: var(--accent); }
.post { color: var(--good); }
.patch, .put { color: var(--warn); }
.delete { color: var(--bad); }
.parts { padding: 0 1rem 1rem; border-top: 1px solid var(--line); }
.members { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--line); }
.members li { padding: 0.25rem 0 0.25rem 0.75rem; }
.members .members { margin-top: 0.25rem; }
.members p { margin: 0; font-size: 0.875rem; }
.type { color: var(--faint); font-size: 0.8125rem; margin: 0 0 0.25rem; overflow-wrap: anywhere; }
.required, .note { font-size: 0.75rem; margin-left: 0.25rem; }
.required { color: var(--warn); }
.note { color: var(--faint); }
.either + .either { margin-top: 0.5rem; padding-top: 0.5rem; border-top: 1px dashed var(--line); }
pre { background: var(--sunken); border: 1px solid var(--line); border-radius: 0.375rem; padding: 0.75rem; margin: 0; overflow-x: auto; }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: 1rem; }
  nav ul { display: flex; flex-wrap: wrap; margin-top: 0.5rem; }
  main { padding: 1rem 1rem 4rem; }
}
`;
