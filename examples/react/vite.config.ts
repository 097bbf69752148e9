import { existsSync, readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// What `npm start` in the root of the repository serves, unless the environment names another server.
const demo = `${process.env.YARDARM_DATA_DIR || `${import.meta.dirname}/../../.data`}/demo.json`;
process.env.VITE_YARDARM_URL ||= 'http://localhost:4400';
process.env.VITE_YARDARM_KEY ||= existsSync(demo) ? JSON.parse(readFileSync(demo, 'utf8')).clientKey : '';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['yardarm-source', 'module', 'browser', 'development|production'] },
  server: { host: '127.0.0.1' },
});
