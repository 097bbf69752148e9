import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:4400';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { conditions: ['yardarm-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // No inlined assets: the content security policy allows this origin and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: server }, '/sync': { target: server, ws: true } },
  },
});
