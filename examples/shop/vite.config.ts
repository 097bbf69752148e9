import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/page',
  resolve: { conditions: ['yardarm-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    // Nothing inline: the page's content security policy allows this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
